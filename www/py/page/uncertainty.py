"""How far the last column could be off."""

from page import clusters
from page.dom import liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.session import messages


def show(message: messages.Uncertainty) -> None:
    """The band of the map, and the intervals of the clusters."""
    liqmap.fill(message)
    clusters.show_intervals(message.intervals)
