"""The liquidation map beside the picture: what waits now, by price."""

from page.dom import find, liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.picture.liquidation_map import LiquidationMap


def show(message: LiquidationMap) -> None:
    """Bars, cumulative curves, totals."""
    liqmap.fill(message)
    find("#long-total").textContent = message.long_total
    find("#short-total").textContent = message.short_total
    find("#beyond").textContent = message.beyond
