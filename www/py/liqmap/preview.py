"""The heatmap beside a shared link: of the example, or of what a venue publishes now.

It never reaches the browser: the build keeps what it draws.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Iterable

import numpy as np

from liqmap import simulation
from liqmap.data.market import Market
from liqmap.drawing.pixels import Inks, pixels
from liqmap.errors import LiqmapError
from liqmap.example import SEED, encoded
from liqmap.feed.client import Send
from liqmap.feed.directory import Directory
from liqmap.feed.markets import Markets
from liqmap.fetching import Web
from liqmap.picture.heatmap import draw
from liqmap.picture.palettes import LONG_COLOR, SHORT_COLOR
from liqmap.picture.viewport import Frame, Screen
from liqmap.session.estimates import estimate_in
from liqmap.venues.registry import TITLES
from liqmap.view import View
from liqmap.words import clock

WIDTH_PX, HEIGHT_PX = 1152, 430
SCREEN = Screen(WIDTH_PX / 4, HEIGHT_PX / 2)
"""Cells and candles larger than on a page: the picture is mostly seen much smaller."""
GROUND = (0x0D, 0x10, 0x18)
INKS = Inks(
    bytes(GROUND),
    bytes.fromhex(LONG_COLOR[1:]),
    bytes.fromhex(SHORT_COLOR[1:]),
    spot=b"\xc9\xd0\xe0",
)
MARGIN = 0.04
"""Of the height, beyond the outermost colours and candles."""
PATIENCE_S = 90.0
"""For a coin: a build does not wait longer for an exchange."""


def example() -> bytes:
    """The heatmap of the simulated market, as a PNG."""
    return drawn(simulation.simulate(SEED).market, View(venue="demo"))


def fresh_json(symbols: Iterable[str]) -> str:
    """The same of those contracts that a venue can be read of, within `PATIENCE_S` each.

    By symbol an object: `source` says whose market it is and until when, `png` is the file in
    base64. What cannot be read is left out.
    """

    async def asked() -> dict[str, dict[str, str]]:
        async with Web() as web:
            return await fresh(symbols, web.send)

    return json.dumps(asyncio.run(asked()))


async def fresh(symbols: Iterable[str], send: Send) -> dict[str, dict[str, str]]:
    """The same, asking by `send`."""
    directory = Directory(send)
    found = {}
    for symbol in symbols:
        view = View(symbol=symbol)
        with contextlib.suppress(LiqmapError, TimeoutError):
            venue, market = await asyncio.wait_for(_first(directory, view), PATIENCE_S)
            source = f"{TITLES[venue]}, {clock(market.candles.end_ms[-1])} UTC"
            png = base64.b64encode(drawn(market, view)).decode()
            found[symbol] = {"source": source, "png": png}
    return found


async def _first(directory: Directory, view: View) -> tuple[str, Market]:
    """The first venue that can be read, and its market with all its history."""

    async def chosen(venue: str) -> None: ...

    async for markets in Markets(directory, lambda *_: None, chosen).of(view):
        ((venue, market),) = markets.items()
    return venue, market


def drawn(market: Market, view: View) -> bytes:
    """The heatmap with its candles, `WIDTH_PX` × `HEIGHT_PX`, as a PNG for a dark page.

    Prices without colours and candles at both ends are left out.
    """
    density = estimate_in(market, Frame.around([market], view), view.model, ())
    picture, _ = draw(market, density, view, screen=SCREEN)
    image = picture.image
    rgba = image.rgba.view(np.uint8).reshape(image.rows, image.columns, 4)
    lit = np.flatnonzero(rgba[..., 3].any(axis=1)) * image.dh / image.rows + image.y
    candles = [picture.sources[one]["price"] for one in ("rising", "falling")]
    prices = np.concatenate([lit, *candles])
    low, high = float(np.nanmin(prices)), float(np.nanmax(prices))
    margin = max(MARGIN * (high - low), 1e-6 * high)
    low, high = low - margin, high + margin
    made = pixels(picture, (low, high), WIDTH_PX, HEIGHT_PX, INKS)
    return encoded(made)
