"""The liquidations that were seen: bars, marks, histogram, and how complete they are."""

from page.dom import find, liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.picture.liquidation_chart import LiquidationChart

FEW = 2  # sentences that need not be folded away


def show(message: LiquidationChart) -> None:
    """Draw them; where none was seen, the picture has the room."""
    liqmap.fill(message)
    for name in ("strip", "past"):
        liqmap.named(name).visible = not message.empty
    # The time axis is below the lowest chart.
    liqmap.named("time_axis").visible = message.empty
    box, words = find("#happened"), list(message.words)
    if box.hidden:
        box.hidden, box.open = False, len(words) <= FEW
    find("#happened summary").textContent = message.title + "."
    find("#happened p").textContent = " ".join(words)
