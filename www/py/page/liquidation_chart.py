"""The liquidations that were seen: bars, marks, histogram, and how complete they are."""

from pyscript import ffi

from liqmap.language import mark, say
from page import side_charts
from page.dom import find, liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from liqmap.picture.liquidation_chart import LiquidationChart

FEW = 2  # sentences that need not be folded away
UNITS = {"usd": mark("USD"), "per_move": mark("USD per 1 %")}
CAPTIONS = {
    "usd": mark("Liquidated, USD: longs up, shorts down"),
    "per_move": mark(
        "Liquidated, USD per 1 % of move: longs by the fall, up; shorts by the rise, down"
    ),
}


class Drawn:
    """The last message, and how it is read."""

    message: LiquidationChart | None = None
    least = 0.0
    bars = "usd"


def show(message: LiquidationChart) -> None:
    """Draw them; where none was seen, the picture has the room."""
    Drawn.message = message
    liqmap.fill(message)
    draw(message)
    for name in ("strip", "past"):
        side_charts.show(name, not message.empty)
    box, words = find("#happened"), list(message.words)
    if box.hidden:
        box.hidden, box.open = False, len(words) <= FEW
    find("#happened summary").textContent = say("{title}.", title=message.title)
    find("#happened p").textContent = " ".join(words)


def read_as(least: float, bars: str) -> None:
    """Marks from so many USD; bars in `usd` or `per_move`."""
    Drawn.least, Drawn.bars = least, bars
    liqmap.named("strip_axis").axis_label = say(UNITS[bars])
    liqmap.named("strip_caption").text = say(CAPTIONS[bars])
    if Drawn.message is not None:
        draw(Drawn.message)


def draw(message: LiquidationChart) -> None:
    """Bars and marks as they are to be read; marks come the largest first."""
    sources: Any = message.sources
    liqmap.fill(getattr(message.strips, Drawn.bars))
    events = sources.events
    count = 0
    for amount in events.amount:
        if amount < Drawn.least:
            break
        count += 1
    names = ("time", "price", "size", "side", "amount", "words")
    marks = {name: getattr(events, name).slice(0, count) for name in names}
    liqmap.fill(ffi.to_js({"sources": {"events": marks}}))
