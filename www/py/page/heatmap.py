"""The picture: what waits, over time and price."""

from page import embed, legend, offline, snapshot, speech
from page.dom import find, liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.picture.coloring import Colors
    from liqmap.picture.heatmap import Heatmap


def show(message: Heatmap) -> None:
    """Paint it, and say what its colours are."""
    liqmap.received = message
    liqmap.paint(message)
    legend.show(message)
    find("#key .what").textContent = message.what
    speech.picture()
    if not embed.on:
        snapshot.keep_soon()
        offline.keep_soon()


def recolor(message: Colors) -> None:
    """Paint the picture that is there in other colours."""
    liqmap.recolor(message)
    legend.show(liqmap.received)
