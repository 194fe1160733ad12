"""Colours: palettes as tables of 256."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]

LONG_COLOR = "#2ec4a6"
SHORT_COLOR = "#ff5c7a"

# Anchors, evenly spaced from few to many. `classic` is green and pale yellow where few wait,
# orange and deep red where many do; the others read the same to the colour-blind. They are
# the public-domain matplotlib maps at eleven points.
_CLASSIC = "1f6f4a 3f9a55 8cc760 d5e67c f7ee93 fdcf63 fba53e f57a28 e64a1e d0211d b00d1e"
_INFERNO = "000003 160b39 410967 6a176e 932567 ba3655 dc5039 f2751a fba40a f6d542 fcfea4"
_VIRIDIS = "440154 482374 404387 345e8d 29788e 208f8c 22a784 42be71 79d151 bade27 fde724"
_CIVIDIS = "00204c 00316f 31446b 4d556b 666870 7b7b78 958f78 aea373 cab969 e6d059 ffe945"


class Palette(NamedTuple):
    """A palette's title in the form, and its anchors."""

    title: str
    anchors: str


PALETTES = {
    "classic": Palette("Classic", _CLASSIC),
    "inferno": Palette("Inferno", _INFERNO),
    "viridis": Palette("Viridis", _VIRIDIS),
    "cividis": Palette("Cividis", _CIVIDIS),
}
# Blue, nothing, orange: told apart by every kind of colour vision. Neither bright nor dark, they
# only grow denser, so that more is stronger on dark ground and on light.
_DIFFERENCE = "1f8bf2 3a86c8 808080 c87f3a f27a0c"
_FADE = 0.45
"""The lowest part of the scale fades into the background, dark or light."""


def table(palette: str) -> Table:
    """Red, green, blue, alpha of 256 steps, shape (256, 4); step 0 is transparent.

    Of `difference`, the middle is, and both ends are not.
    """
    words = _DIFFERENCE if palette == "difference" else PALETTES[palette].anchors
    anchors = np.array([list(bytes.fromhex(word)) for word in words.split()])
    at = np.linspace(0, 1, 256)
    where = np.linspace(0, 1, len(anchors))
    colors = np.empty((256, 4))
    for channel in range(3):
        colors[:, channel] = np.interp(at, where, anchors[:, channel])
    strength = np.abs(2 * at - 1) ** 0.6 if palette == "difference" else np.minimum(at / _FADE, 1)
    colors[:, 3] = 255 * strength
    return np.rint(colors).astype(np.uint8)


def css(colors: Table) -> list[str]:
    """`#rrggbbaa` of each step."""
    return [f"#{red:02x}{green:02x}{blue:02x}{alpha:02x}" for red, green, blue, alpha in colors]
