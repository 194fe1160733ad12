"""The page is kept in this browser, to open it without a network; and how all is cleared."""

import asyncio

from pyscript import window

from liqmap.language import mark, say
from page import snapshot
from page.dom import find, liqmap, start
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from pyscript import Event, ToldEvent

QUIET_S = 5.0
"""After the first picture; a served site may shorten it."""
WORDS = {
    "kept": mark("The page itself is kept: it opens without a network."),
    "refused": mark(
        "The page itself is not kept, for want of room or of a file: it needs the network."
    ),
    "newer": mark("A newer version is ready: close other tabs of this page, then reload this one."),
    "replaced": mark("A newer version has replaced this one: reload the page."),
    "cleared": mark("Everything stored was cleared. This page keeps nothing until it is reloaded."),
}
QUESTION = mark(
    "Clear everything that this page keeps in this browser: liquidations, addresses, your "
    "position, alerts, answers of exchanges, the page itself?"
)
begun: list[bool] = []
cleared: list[bool] = []


def keep_soon() -> None:
    """After the first picture, once a visit; never where the visitor saves data."""
    if not begun:
        begun.append(True)
        if not snapshot.saves_data():
            start(keep())


async def keep() -> None:
    """Have the page kept; what came of it is told."""
    site = await (await window.fetch("site.json")).json()
    await asyncio.sleep(getattr(getattr(site, "timers", None), "offline_s", QUIET_S))
    if not cleared:
        await liqmap.keepPage()


def on_told(event: ToldEvent) -> Coroutine[Any, Any, None] | None:
    """Say how keeping ended, or that another tab cleared everything."""
    find("#kept").textContent = say(WORDS[event.detail])
    return forget() if event.detail == "cleared" else None


async def on_clear(event: Event) -> None:
    """Clear everything, here and in the other tabs, once the visitor has confirmed."""
    if window.confirm(say(QUESTION)):
        find("#kept").textContent = say(WORDS["cleared"])
        liqmap.clearTabs()
        await forget()


async def forget() -> None:
    """Delete what is kept, and again once nobody can put anything back."""
    cleared.append(True)
    snapshot.stop()
    await liqmap.deleteStored()
    addresses = find("#addresses")
    await call("forget")
    if addresses.value:
        await call("accounts", "")
    addresses.value = ""
    find("#position").reset()
    await call("position", "{}")
    await liqmap.deleteStored()
