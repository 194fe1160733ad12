"""The chosen cluster: a row of the table, a band on the picture, and why it is there."""

from pyscript import document, ffi

from page.dom import fill_table, find, liqmap, start
from page.rows import fold
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from pyscript import Element, Event, KeyboardEvent, PlotEvent

    from liqmap.session import desk_messages, messages

EDGES = ("left", "right", "bottom", "top")


class Chosen:
    """Which row of the last message is chosen."""

    message: messages.Clusters | None = None
    row = -1
    opener: Element | None = None  # what had the focus
    asked = False  # a moment ago, so that the answer is brought into sight
    name = ""  # as a link has it: `long_78500`


def explain(message: desk_messages.ClusterDetail) -> None:
    """Why the chosen cluster is there; nothing where it is no longer listed."""
    find("#cluster-title").textContent = message.title
    for name in ("facts", "leverages", "venues"):
        fill_table("#cluster-" + name, getattr(message, name))
    fold("#cluster-leverages")
    mark(message.row)
    if Chosen.asked:
        Chosen.asked = False
        desk, box = find("#desk"), find("#cluster")
        whole = box.offsetTop + box.offsetHeight - desk.clientHeight
        desk.scrollTop = max(desk.scrollTop, min(whole, box.offsetTop))


def mark(row: int) -> None:
    """Show which row is chosen, in the table and on the picture."""
    Chosen.row = row
    find("#cluster").hidden = row < 0
    for line in document.querySelectorAll("#levels [data-row]"):
        chosen = line.dataset.row == str(row)
        line.classList.toggle("chosen", chosen)
        line.firstChild.firstChild.setAttribute("aria-pressed", "true" if chosen else "false")
    if Chosen.message and liqmap.picture:
        bands = Chosen.message.bands
        # Instants stay in JavaScript's arrays: MicroPython cuts them to 32 bits.
        band = {name: getattr(bands, name).slice(max(row, 0), row + 1) for name in EDGES}
        liqmap.fill(ffi.to_js({"sources": {"selection": band}}))


async def choose(row: int, go: bool = False) -> None:
    """Choose a row, go there if wished, and ask the worker why it is there; −1 chooses none."""
    leaves = row < 0 and find("#cluster").contains(document.activeElement)
    if row >= 0:
        Chosen.opener = document.activeElement
    mark(row)
    if go:
        find("#cluster-close").focus()
    elif leaves and Chosen.opener:
        Chosen.opener.focus()
    message, Chosen.asked = Chosen.message, row >= 0
    name = ""
    if row >= 0 and message is not None:
        name = f"{message.sides[row]}_{message.prices[row]:.7g}"
    liqmap.putInLink("cluster", name)
    await follow_link()


async def follow_link() -> None:
    """Ask the worker for the cluster that the link names, where it is not the one chosen."""
    name = find("[name=cluster]").value
    if name == Chosen.name:
        return
    Chosen.name = name
    side, _, price = name.partition("_")
    await call("cluster", {"long": 1, "short": -1}.get(side, 0), float(price or 0))


def on_close(event: Event) -> Coroutine[Any, Any, None]:
    """Back to all clusters."""
    return choose(-1)


def on_key(event: KeyboardEvent) -> Coroutine[Any, Any, None] | None:
    """Escape chooses none; only the next one closes the desk."""
    if event.key != "Escape" or Chosen.row < 0 or document.querySelector("dialog[open]"):
        return None
    event.stopImmediatePropagation()
    return choose(-1)


def on_tap(event: PlotEvent) -> None:
    """A tap on the picture chooses the cluster whose band is there, while the table is open."""
    if Chosen.message is None or find("#desk-clusters").hidden:
        return
    row = liqmap.bandAt(event, Chosen.message.bands)
    if row >= 0:
        start(choose(row))


def watch() -> None:
    """Hear of taps on the picture."""
    liqmap.named("heat").on_event("tap", ffi.create_proxy(on_tap))
