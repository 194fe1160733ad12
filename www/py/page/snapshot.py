"""An image of a started Pyodide, kept once all is quiet, so that the next visit starts from it."""

import asyncio

from pyscript import ffi, window

from page.dom import liqmap, root, start
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from pyscript import Event

QUIET_S = 4.0
"""After the first picture; a served site may shorten it."""
begun: list[bool] = []


class Making:
    """The image under way."""

    stopped = False
    worker: Any = None


def keep_soon() -> None:
    """After the first picture, once a visit; never where the visitor saves data."""
    if not begun:
        begun.append(True)
        if not saves_data():
            start(keep())


def saves_data() -> bool:
    """Whether the browser says so; not every one knows the question."""
    navigator = window.navigator
    if hasattr(navigator, "connection") and navigator.connection.saveData:
        return True
    reduced: bool = window.matchMedia("(prefers-reduced-data: reduce)").matches
    return reduced


def stop() -> None:
    """Make none any more."""
    Making.stopped = True
    if Making.worker:
        Making.worker.terminate()


async def keep() -> None:
    """Have a throw-away worker make the image, unless there is one."""
    site = await (await window.fetch("site.json")).json()
    await asyncio.sleep(getattr(getattr(site, "timers", None), "snapshot_s", QUIET_S))
    if Making.stopped or not await liqmap.wantsImage():
        return
    worker = window.Worker.new("snapshot.mjs", ffi.to_js({"type": "module"}))
    Making.worker = worker
    root.dataset.keeping = ""

    def done(event: Event) -> None:
        worker.terminate()
        root.removeAttribute("data-keeping")

    for name in ("message", "error"):
        worker.addEventListener(name, ffi.create_proxy(done))
