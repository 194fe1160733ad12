"""The picture: what waits, over time and price."""

from page import legend, offline, snapshot
from page.dom import find, liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.picture.heatmap import Heatmap


def show(message: Heatmap) -> None:
    """Paint it, and say what its colours are."""
    liqmap.paint(message)
    legend.show(message)
    find("#key .what").textContent = message.what
    snapshot.keep_soon()
    offline.keep_soon()
