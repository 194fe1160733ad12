"""The picture of a simulated market that a first visitor sees until Python has drawn another.

It never reaches the browser: the build keeps what it draws.
"""

from __future__ import annotations

import itertools
import struct
import sys
import zlib

import numpy as np
from numpy.typing import NDArray

from liqmap import simulation
from liqmap.data.series import Candles
from liqmap.estimate.density import Density
from liqmap.picture.heatmap import draw
from liqmap.picture.viewport import Frame, Screen
from liqmap.session.estimates import estimate_in
from liqmap.view import View

Pixels = NDArray[np.uint8]
SEED = 3
"""Of the simulated market."""
SCREEN = Screen(864.0, 400.0)
INKS = {"dark": (0x2C, 0xA0, 0x85), "light": (0x08, 0x7A, 0x63)}
"""Of the candles."""


def png(theme: str) -> bytes:
    """The heatmap with its candles, a pixel a cell, as a PNG for a `dark` or `light` page."""
    market = simulation.simulate(SEED).market
    view = View(venue="demo", theme=theme)
    frame = Frame.around([market], view)
    density = estimate_in(market, frame, view.model, ())
    picture, _ = draw(market, density, view, screen=SCREEN)
    rows, columns = picture.image.rows, picture.image.columns
    pixels = picture.image.rgba.view(np.uint8).reshape(rows, columns, 4)[::-1, :, :3].copy()
    _candles(pixels, market.candles, density, INKS[theme])
    return encoded(pixels)


def _candles(pixels: Pixels, candles: Candles, density: Density, ink: tuple[int, int, int]) -> None:
    """Each column from the lowest to the highest price of its bars."""
    rows, columns, _ = pixels.shape
    edges_ms = np.linspace(density.time_edges_ms[0], density.time_edges_ms[-1], columns + 1)
    low_price, high_price = density.price_edges[[0, -1]]
    for column, (begin_ms, end_ms) in enumerate(itertools.pairwise(edges_ms)):
        inside = (candles.time_ms >= begin_ms) & (candles.time_ms < end_ms)
        if inside.any():
            reach = candles.high[inside].max(), candles.low[inside].min()
            share = [(high_price - price) / (high_price - low_price) for price in reach]
            top, bottom = (int(rows * one) for one in share)
            pixels[max(0, top) : bottom + 1, column] = ink


def encoded(pixels: Pixels) -> bytes:
    """A PNG of colours, shape (rows, columns, 3); of at most 256 colours one with a palette.

    Format: https://www.w3.org/TR/png-3/
    """
    rows, columns, _ = pixels.shape
    colors, codes = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    indexed = len(colors) <= 256
    lines = codes.astype(np.uint8).reshape(rows, columns) if indexed else pixels.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3 if indexed else 2, 0, 0, 0)
    unfiltered = np.insert(lines, 0, 0, axis=1).astype(np.uint8).tobytes()
    parts = [(b"IHDR", header), (b"PLTE", colors.tobytes() if indexed else b"")]
    parts += [(b"IDAT", zlib.compress(unfiltered, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
        if content or kind == b"IEND"
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(png(sys.argv[1]))
