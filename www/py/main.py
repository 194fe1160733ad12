"""The page: wires its panels to the elements, then waits for the worker.

Runs in MicroPython, like all of `page`. Knows no rule about settings: the worker's `View` does.
"""

import asyncio

from pyscript import document, window, workers

from page import (
    accounts,
    cascade,
    cleared,
    cluster,
    clusters,
    desk,
    dispatch,
    export,
    form,
    health,
    history,
    legend,
    offline,
    position,
    readout,
    search,
    situation,
    tape,
    worker,
)
from page.dom import find, liqmap, listen, start
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import Event

CLICKS = {
    "#retry": form.on_retry,
    "#example": form.on_example,
    "#share": export.on_share,
    "#export-png": export.on_png,
    "#export-csv": export.on_file,
    "#export-json": export.on_file,
    "#tape-export": tape.on_export,
    "#tape-delete": tape.on_delete,
    "#clear": offline.on_clear,
    "#health-ask": health.on_ask,
    "#addresses-use": accounts.on_use,
    "#position-clear": position.on_clear,
    "#search-open": search.on_open,
    "#search": search.on_click,
    "#situation-open": situation.on_open,
    "#tabs": desk.on_tab,
    "#desk-close": desk.on_close,
    "#cascade-anew": cascade.on_anew,
    "#levels": clusters.on_click,
    "#cluster-close": cluster.on_close,
}


async def on_visibility(event: Event) -> None:
    """A hidden tab need not listen as closely."""
    await worker.call("seen", not document.hidden)


def wire() -> None:
    """Let every control do something."""
    for selector, handler in CLICKS.items():
        listen(find(selector), "click", handler)
    listen(form.form, "change", form.on_change)
    listen(find("#leverages"), "change", form.on_change)
    listen(find("#history-settings"), "change", history.on_change)
    listen(find("#legend"), "input", legend.on_input)
    listen(find("#legend"), "change", legend.on_change)
    listen(find("#cascade-ask"), "change", cascade.on_change)
    listen(find("#cascade-ask"), "input", cascade.on_input)
    listen(form.form, "submit", form.on_submit)
    listen(form.form, "reset", form.on_reset)
    listen(form.symbol, "focus", form.on_symbol_focus)
    listen(form.symbol, "blur", form.on_symbol_blur)
    listen(position.form, "change", position.on_change)
    listen(position.form, "submit", position.on_submit)
    listen(window.self, "popstate", form.on_popstate)
    listen(window.self, "liqmap-stored", offline.on_told)
    listen(document, "keydown", search.on_key)
    listen(document, "keydown", cluster.on_key)
    listen(document, "keydown", desk.on_key)
    listen(cleared.slider, "input", cleared.on_slide)
    listen(search.field, "input", search.on_type)
    listen(search.field, "keydown", search.on_move)
    listen(document, "visibilitychange", on_visibility)
    listen(document, "pointerdown", readout.on_elsewhere)


async def main() -> None:
    """Wire the page, then wait for the worker."""
    form.mirror_link(window.location.search)
    wire()
    accounts.show_kept()
    position.show_kept()
    desk.restore()
    script = find("script[name=liqmap]")
    while not getattr(script, "xworker", None):
        await asyncio.sleep(0.02)
    listen(script.xworker, "message", dispatch.on_message)
    worker.follow(script.xworker)
    liqmap.embed()
    await liqmap.figure
    desk.show_layers()
    history.restore()
    readout.watch()
    cluster.watch()
    try:
        began = await workers["liqmap"]
        await began.ping()
    except Exception as error:
        liqmap.stopped(str(error))
        return
    if hasattr(window, "liqmapStart"):
        await began.early(window.liqmapStart.answers)
    liqmap.worker = began
    start(worker.watch())
    if offline.cleared:
        await began.forget()
    await liqmap.tellScreen()
    await began.desk(desk.opened())
    await accounts.restore()
    await position.restore()
    start(cascade.restore())
    if search.box.open:
        start(search.ask())
    # A control may have been used while Python was on its way.
    await form.ask(form.asked())


start(main())
