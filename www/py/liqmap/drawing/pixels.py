"""A heatmap with its candles as pixels, without a browser."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.picture.heatmap import OUTLINE, Heatmap

Pixels = NDArray[np.uint8]
Ends = tuple[float, float]


class Inks(NamedTuple):
    """Colours as bytes: the ground, candles that rise and fall, the line at the newest price."""

    ground: bytes
    rising: bytes
    falling: bytes
    spot: bytes


def pixels(picture: Heatmap, ends: Ends, width_px: int, height_px: int, inks: Inks) -> Pixels:
    """The heatmap between two prices, shape (height, width, 3), the highest price first."""
    low, high = ends
    image = picture.image
    rgba = image.rgba.view(np.uint8).reshape(image.rows, image.columns, 4)
    seen_price = high - (np.arange(height_px) + 0.5) / height_px * (high - low)
    row = np.floor((seen_price - image.y) / image.dh * image.rows).astype(np.intp)
    column = np.arange(width_px) * image.columns // width_px
    cells = rgba[np.clip(row, 0, image.rows - 1)][:, column].astype(float)
    cells[(row < 0) | (row >= image.rows), :, 3] = 0.0
    share = cells[..., 3:] / 255
    ground = np.frombuffer(inks.ground, np.uint8)
    made: Pixels = (share * cells[..., :3] + (1 - share) * ground).round().astype(np.uint8)
    _price_line(made, down(picture.spot, ends, height_px), inks.spot)
    for name, ink in (("rising", inks.rising), ("falling", inks.falling)):
        _candles(made, picture, name, ink, ends)
    return made


def down(price: float, ends: Ends, height_px: int) -> int:
    """Pixels from the top."""
    low, high = ends
    return int((high - price) / (high - low) * height_px)


def _price_line(made: Pixels, y: int, ink: bytes) -> None:
    """Dashes at the newest price."""
    dashes = np.arange(made.shape[1]) % 20 < 10
    made[y : y + 2, dashes] = np.frombuffer(ink, np.uint8)


def _candles(made: Pixels, picture: Heatmap, name: str, ink: bytes, ends: Ends) -> None:
    """Wicks and bodies, from the path of their outlines."""
    height_px, width_px, _ = made.shape
    begin_ms, length_ms = picture.image.x, picture.image.dw
    paths = picture.sources[name]
    times, prices = (paths[one].reshape(-1, OUTLINE) for one in ("time", "price"))
    color = np.frombuffer(ink, np.uint8)
    for time_ms, price in zip(times, prices, strict=True):
        lower, upper, bottom, top = (down(price[one], ends, height_px) for one in (0, 1, 3, 5))
        middle, left, right = (
            round((time_ms[one] - begin_ms) / length_ms * width_px) for one in (0, 3, 5)
        )
        made[max(upper, 0) : lower + 1, max(middle - 1, 0) : middle + 1] = color
        made[max(top, 0) : bottom + 1, left:right] = color
