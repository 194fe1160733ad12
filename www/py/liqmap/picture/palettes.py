"""Colours: palettes as tables of 256."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.language import mark

Table = NDArray[np.uint8]
Floats = NDArray[np.float64]

LONG_COLOR = "#2ec4a6"
SHORT_COLOR = "#ff5c7a"

# Anchors, evenly spaced from few to many. `classic` is green and pale yellow where few wait, orange
# and red where many do: on dark ground the red ends vivid, on white deep, so that many is always
# far from the ground. The others read the same to the colour-blind: the public-domain matplotlib
# maps at eleven points, inferno without its blackest, which are darker than the ground.
_CLASSIC_DARK = "2c7f57 6aa65c c9cf6e f3d268 fdb147 ff8f33 ff6d2a ff4a2b fb2b30 f5203c"
_CLASSIC_LIGHT = "7cbf7e c3dc7f f2e07a fdc653 fba137 f47a26 e6531c d0301a b3161c 8c0a1c"
_INFERNO = "410967 6a176e 932567 ba3655 dc5039 f2751a fba40a f6d542 fcfea4"
_VIRIDIS = "440154 482374 404387 345e8d 29788e 208f8c 22a784 42be71 79d151 bade27 fde724"
_CIVIDIS = "00204c 00316f 31446b 4d556b 666870 7b7b78 958f78 aea373 cab969 e6d059 ffe945"


class Palette(NamedTuple):
    """A palette's title in the form, and its anchors on dark ground and on light."""

    title: str
    dark: str
    light: str


def _both(title: str, anchors: str) -> Palette:
    """The dark end of a map lies at dark ground, its bright end without the palest at light."""
    return Palette(title, anchors, " ".join(anchors.split()[-2::-1]))


PALETTES = {
    "classic": Palette(mark("Classic"), _CLASSIC_DARK, _CLASSIC_LIGHT),
    "inferno": _both(mark("Inferno"), _INFERNO),
    "viridis": _both(mark("Viridis"), _VIRIDIS),
    "cividis": _both(mark("Cividis"), _CIVIDIS),
    "grey": Palette(mark("Greyscale"), "484848 ffffff", "b8b8b8 101010"),
}
# Blue, nothing, orange: told apart by every kind of colour vision. Neither bright nor dark, they
# only grow denser, so that more is stronger on dark ground and on light.
_DIFFERENCE = "1f8bf2 3a86c8 808080 c87f3a f27a0c"
GROUNDS = {False: "0d1018", True: "ffffff"}
"""The page's dark ground, and its light one."""
LIT_STEP = 26
"""The first step that is clearly lit, on either ground; those below fade into it."""
_LIT_LUMINANCE = 0.052
"""Distance from the ground's relative luminance at which a colour is clearly lit."""
_COVERS = 0.34
"""Where on the scale colours cover the ground."""


@cache
def table(palette: str, *, light: bool = False) -> Table:
    """Red, green, blue, alpha of 256 steps, shape (256, 4), read-only; step 0 is transparent.

    Of `difference`, the middle is, and both ends are not.
    """
    at = np.linspace(0, 1, 256)
    if palette == "difference":
        words, nothing, covers, along = _DIFFERENCE, 128, 1.0, np.abs(2 * at - 1)
    else:
        words = PALETTES[palette].light if light else PALETTES[palette].dark
        nothing, covers, along = 0, _COVERS, at
    anchors = np.array([list(bytes.fromhex(word)) for word in words.split()])
    where = np.linspace(0, 1, len(anchors))
    colors = np.empty((256, 4))
    for channel in range(3):
        colors[:, channel] = np.interp(at, where, anchors[:, channel])
    first = colors[nothing + LIT_STEP // 2 if palette == "difference" else LIT_STEP, :3]
    faint = _least_alpha(first, light)
    colors[:, 3] = 255 * np.interp(along, (0, LIT_STEP / 255, covers), (0, faint, 1))
    colors[nothing] = 0
    steps = np.rint(colors).astype(np.uint8)
    steps.flags.writeable = False  # the next caller has the same
    return steps


def _least_alpha(color: Floats, light: bool) -> float:
    """How opaque a colour must be to be clearly lit; 1 where it never is."""
    ground = np.array(list(bytes.fromhex(GROUNDS[light])), float)
    alphas = np.linspace(0, 1, 256)
    seen = ground + (color - ground) * alphas[:, None]
    enough = np.abs(luminance(seen) - luminance(ground)) >= _LIT_LUMINANCE
    return float(alphas[np.argmax(enough)]) if enough.any() else 1.0


def luminance(rgb: Floats) -> Floats:
    """Relative luminance (WCAG 2) of colours 0 … 255; the last axis is red, green, blue."""
    part = rgb / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    found: Floats = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found


def css(colors: Table) -> list[str]:
    """`#rrggbbaa` of each step."""
    words = colors.tobytes().hex()
    return [f"#{words[at : at + 8]}" for at in range(0, len(words), 8)]
