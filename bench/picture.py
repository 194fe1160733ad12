"""How the picture looks, in figures: how much is lit, how rough and how ghostly it is, its candles.

    python3 build.py bench --picture DIR

Market files in DIR (as for `serve --replay`), and the simulated market; every window that a file
is long enough for, as the page draws it by default on a screen of 1440 × 900.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.evaluate.realised_share import ASSUMED
from liqmap.picture.heatmap import OUTLINE, Heatmap, draw
from liqmap.picture.palettes import LONG_COLOR, SHORT_COLOR, luminance
from liqmap.picture.viewport import Screen
from liqmap.session.estimates import Estimates
from liqmap.session.state import Loaded, Shown
from liqmap.view import STEP_MS, View
from tools.build.console import ROOT, BuildError
from tools.replay import SIMULATED
from tools.replay.market_file import MarketFile

WINDOWS = ("24h", "7d", "30d")
THEMES = ("dark", "light")
SCREEN = Screen(1_060, 620)
LIT = 0.05
"""A cell is lit whose relative luminance (WCAG 2) differs from the ground's by more."""
_STEP, _AROUND, _NEAR = 0.005, 0.05, 0.01
"""Of log distance from the price: resolution, what is around a ridge, what is at the price."""


def figures(folder: Path) -> Iterator[tuple[str, float]]:
    """`<market>_<window>_<theme>_…_ratio` of each market file in a folder and of the simulation."""
    files = sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")])
    for path in [*files, SIMULATED]:
        try:
            file = MarketFile.read(path)
        except BuildError:
            continue  # another kind of file
        yield from _figures(path.name.split(".")[0], market_of(file))


def market_of(file: MarketFile) -> Market:
    """A market file in the page's bars."""
    bars = file.klines(int(STEP_MS), file.end_ms)
    candles = Candles(
        *(np.asarray(bars.time_ms, float), bars.open, bars.high, bars.low, bars.close),
        bars.volume_base,
        bars.taker_buy_base,
        step_ms=float(STEP_MS),
    )
    held = OpenInterest(np.asarray(file.sample_ms, float), file.open_interest_base)
    return Market("bybit", Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT"), candles, held)


def _figures(name: str, market: Market) -> Iterator[tuple[str, float]]:
    span_ms = float(market.candles.end_ms[-1] - market.candles.time_ms[0])
    for window in WINDOWS:
        view = View(range=window)
        if view.window_ms > span_ms:
            continue
        loaded = Loaded(view, {market.venue: market})
        shares = partial(ASSUMED.__getitem__, "this_venue")
        shown = Estimates().shown(loaded, view, None, shares=shares, anew=True)
        for theme in THEMES:
            picture = drawn(shown, View(range=window, theme=theme))
            bright = brightness(picture, theme)
            lit = np.abs(bright - luminance(colors(theme)["ground"])) > LIT
            yield f"{name}_{window}_{theme}_lit_ratio", float(lit.mean())
            contrast = np.quantile(candle_contrasts(picture, bright, theme), 0.05)
            yield f"{name}_{window}_{theme}_candle_p5_ratio", float(contrast)
        if window == "24h":
            rough = roughness(picture, lit)
            yield f"{name}_roughness_ratio", float(np.median(rough))
            yield f"{name}_roughness_p90_ratio", float(np.quantile(rough, 0.9))
        else:
            yield f"{name}_{window}_ghost_ratio", ghost(picture)


def drawn(shown: Shown, view: View) -> Heatmap:
    """The picture of a view."""
    return draw(shown.leader, shown.amounts, view, screen=SCREEN)[0]


def colors(theme: str) -> dict[str, Array]:
    """Red, green, blue of the ground and of rising and falling candles, as the page has them."""
    style = (ROOT / "www" / "style.css").read_text()
    block = style[style.index(":root {" if theme == "dark" else ':root[data-theme="light"] {') :]
    named = {"long": LONG_COLOR, "short": SHORT_COLOR}
    named |= dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block[: block.index("}")]))
    return {
        name: np.array(list(bytes.fromhex(named[key][1:])), float)
        for name, key in (("ground", "ground"), ("rising", "long"), ("falling", "short"))
    }


def brightness(picture: Heatmap, theme: str) -> Array:
    """Relative luminance of each cell over its ground, shape (rows, columns)."""
    image = picture.image
    rgba = image.rgba.view(np.uint8).reshape(image.rows, image.columns, 4).astype(float)
    ground, alpha = colors(theme)["ground"], rgba[..., 3:] / 255
    return luminance(rgba[..., :3] * alpha + ground * (1 - alpha))


def candle_contrasts(picture: Heatmap, bright: Array, theme: str) -> Array:
    """Of each candle the least contrast against a cell that it covers; its halo is not counted."""
    image, found = picture.image, []
    for name in ("rising", "falling"):
        ink = float(luminance(colors(theme)[name]))
        time_ms, price = (
            picture.sources[name][one].reshape(-1, OUTLINE) for one in ("time", "price")
        )
        column = ((time_ms[:, 0] - image.x) / image.dw * image.columns).astype(int)
        ends = (price[:, :2].T - image.y) / image.dh * image.rows
        first, last = np.clip(ends, 0, image.rows - 1).astype(int)
        for at, low, high in zip(column, first, last, strict=True):
            ground = bright[low : high + 1, at]
            lighter, darker = np.maximum(ground, ink) + 0.05, np.minimum(ground, ink) + 0.05
            found.append(float((lighter / darker).min()))
    return np.array(found)


def roughness(picture: Heatmap, lit: NDArray[np.bool_]) -> Array:
    """|ln(a/b)| of every two lit cells of which one is on top of the other."""
    amounts = picture.image.quote.reshape(lit.shape).astype(float)
    both = lit[1:] & lit[:-1]
    found: Array = np.abs(np.log(amounts[1:][both] / amounts[:-1][both]))
    return found


def ghost(picture: Heatmap) -> float:
    """How far the profile by distance from the price stands out of what is around: its highest.

    The profile is the mean amount by log distance from each column's close; a copy of the price
    path is a ridge of it. Around are the distances within `_AROUND`, their median.
    """
    image = picture.image
    prices = image.y + (np.arange(image.rows) + 0.5) * image.dh / image.rows
    distance = np.log(prices[:, None] / picture.closes[None, :])
    amounts = image.quote.reshape(distance.shape).astype(float)
    known = np.isfinite(distance) & np.isfinite(amounts)
    place = np.rint(distance[known] / _STEP).astype(int)
    first = int(place.min())
    count = np.bincount(place - first)
    mean = np.bincount(place - first, weights=amounts[known]) / np.maximum(count, 1)
    mean[count < 0.25 * image.columns] = np.nan  # seen too seldom
    reach, highest = round(_AROUND / _STEP), 0.0
    for at in np.flatnonzero(np.isfinite(mean)):
        if abs((at + first) * _STEP) > _NEAR:
            around = np.nanmedian(mean[max(0, at - reach) : at + reach + 1])
            highest = max(highest, float(mean[at] / around)) if around > 0 else highest
    return highest
