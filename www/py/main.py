"""The page: wires its parts to the elements, then waits for the worker.

Runs in MicroPython, like all of `page`. Knows no rule about settings: the worker's `View` does.
"""

import asyncio

from pyscript import document, ffi, window, workers

from page import buttons, panels, pointer, settings
from page.elements import find, liqmap, listen, start

MYPY = False
if MYPY:
    from typing import Any

CLICKS = {
    "#retry": settings.on_retry,
    "#share": buttons.share,
    "#export-png": buttons.export_png,
    "#export-csv": buttons.export_csv,
    "#tape-export": buttons.export_tape,
    "#tape-delete": buttons.delete_tape,
    "#health-ask": buttons.check_venues,
    "#addresses-use": buttons.use_addresses,
}


async def on_visibility(event: Any) -> None:
    """A hidden tab need not listen as closely."""
    if liqmap.worker:
        await liqmap.worker.seen(not document.hidden)


def wire() -> None:
    """Let every control do something."""
    for selector, handler in CLICKS.items():
        listen(find(selector), "click", handler)
    listen(settings.form, "change", settings.on_change)
    listen(settings.form, "submit", settings.on_submit)
    listen(settings.form, "reset", settings.on_reset)
    listen(settings.form.symbol, "focus", settings.on_symbol_focus)
    listen(settings.form.symbol, "blur", settings.on_symbol_blur)
    listen(window.self, "popstate", settings.on_popstate)
    listen(document, "visibilitychange", on_visibility)
    listen(document, "pointerdown", pointer.on_elsewhere)


async def main() -> None:
    """Wire the page, then wait for the worker."""
    settings.mirror_address()
    wire()
    find("#addresses").value = buttons.kept_addresses()
    script = find("script[name=liqmap]")
    while not getattr(script, "xworker", None):
        await asyncio.sleep(0.02)
    listen(script.xworker, "message", panels.on_message)
    await liqmap.figure
    for name, handler in (("heat", pointer.on_heat), ("strip", pointer.on_strip)):
        plot = liqmap.named(name)
        plot.on_event("mousemove", ffi.create_proxy(handler))
        plot.on_event("tap", ffi.create_proxy(handler))
        plot.on_event("mouseleave", ffi.create_proxy(pointer.on_leave))
    try:
        worker = await workers["liqmap"]
        await worker.ping()
    except Exception as error:
        panels.fail("Python could not start.", str(error))
        return
    liqmap.worker = worker
    addresses = buttons.kept_addresses()
    if addresses:
        await worker.accounts(addresses)
    # A control may have been used while Python was on its way.
    await settings.show(settings.asked())


start(main())
