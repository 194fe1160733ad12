"""What an eye sees of colours over a ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array
from liqmap.picture import palettes
from liqmap.picture.palettes import luminance

GROUNDS = {
    light: np.array(list(bytes.fromhex(ground)), float)
    for light, ground in palettes.GROUNDS.items()
}
"""Red, green, blue of dark ground and of light."""


def over(rgba: NDArray[np.uint8], *, light: bool) -> Array:
    """Red, green, blue of colours over their ground; the last axis has four numbers."""
    colors, ground = rgba.astype(float), GROUNDS[light]
    seen: Array = ground + (colors[..., :3] - ground) * colors[..., 3:] / 255
    return seen


def lit(rgba: NDArray[np.uint32], *, light: bool) -> NDArray[np.bool_]:
    """Whether packed colours differ from their ground by more than 0.05 of luminance."""
    bytes_ = np.ascontiguousarray(rgba).view(np.uint8).reshape(*rgba.shape, 4)
    far = luminance(over(bytes_, light=light)) - luminance(GROUNDS[light])
    found: NDArray[np.bool_] = np.abs(far) > 0.05
    return found
