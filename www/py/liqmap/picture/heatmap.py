"""The heatmap: a density over time and price as colours, under candles, without Bokeh.

Colours are looked up here, so that any scale costs the page nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from liqmap.analysis.clusters import BAND_FRACTION, row_leverages
from liqmap.data.market import Market
from liqmap.data.series import Array, Candles
from liqmap.estimate.density import Density, Matrix
from liqmap.evaluate.realised_share import WHOSE, Shares
from liqmap.language import say
from liqmap.picture.caption import what
from liqmap.picture.cells import Cells, amounts_quote, cells
from liqmap.picture.color_scale import ColorBar, Scale
from liqmap.picture.coloring import Uncolored
from liqmap.picture.viewport import Screen
from liqmap.view import MODELS, View
from liqmap.words import clock

SOURCES = {
    "image": ("image", "x", "y", "dw", "dh"),
    "other_image": ("image", "x", "y", "dw", "dh"),
    "rising": ("time", "price"),
    "falling": ("time", "price"),
    "rising_bodies": ("time", "bottom", "top"),
    "falling_bodies": ("time", "bottom", "top"),
}
"""Column names of each source of the Bokeh document."""


_BODY = 0.6
"""Width of a candle's body, as a part of its bar's length."""
OUTLINE = 9
"""Points of a candle's outline: its low, its high, a gap, five around the body, a gap."""


def bars(candles: Candles) -> dict[str, dict[str, Array]]:
    """The candles, rising and falling apart, each kind as two paths for the whole picture.

    A browser paints one path of thousands of candles many times faster than as many shapes. An
    outline is a wick and a body, with NaN after each; the bodies are one area, without height from
    one to the next.
    """
    top, bottom = np.maximum(candles.open, candles.close), np.minimum(candles.open, candles.close)
    low, high, gap = candles.low, candles.high, np.full(len(candles), np.nan)
    middle, half = candles.time_ms + candles.step_ms / 2, _BODY * candles.step_ms / 2
    left, right = middle - half, middle + half
    outline_ms = (middle, middle, gap, left, right, right, left, left, gap)
    outline_price = (low, high, gap, bottom, bottom, top, top, bottom, gap)
    rising = candles.close >= candles.open
    sources = {}
    for name, chosen in (("rising", rising), ("falling", ~rising)):
        columns: dict[str, dict[str, tuple[Array, ...]]] = {
            name: {"time": outline_ms, "price": outline_price},
            f"{name}_bodies": {
                "time": (left, left, right, right),
                "bottom": (bottom, bottom, bottom, bottom),
                "top": (bottom, top, top, bottom),
            },
        }
        for source, paths in columns.items():
            sources[source] = {
                column: np.stack(points, axis=1)[chosen].ravel() for column, points in paths.items()
            }
    return sources


def closes(candles: Candles, begin_ms: float, step_ms: float, columns: int) -> Array:
    """The last close of each column, NaN in a gap."""
    last = np.full(columns, np.nan)
    column = ((candles.time_ms - begin_ms) // step_ms).astype(np.intp)
    last[np.clip(column, 0, columns - 1)] = candles.close
    return last


def decimals_of(tick_size: float, price: float) -> int:
    """Decimals of a price in words; where no tick size is known, five figures."""
    step = tick_size or price * 1e-5
    return max(0, math.ceil(-math.log10(step) - 1e-9))


@dataclass(frozen=True, eq=False, slots=True)
class Image:
    """Colours and amounts, row by row from the lowest price; and where they lie."""

    rgba: NDArray[np.uint32]
    """Flat, rows × columns; even in log price where the axis is."""
    quote: NDArray[np.float32]
    """USD in the row, on average over the column's time; NaN in a gap."""
    rows: int
    columns: int
    x: float
    """Where the first column begins [ms] …"""
    y: float
    """… and the lowest row [quote/base]."""
    dw: float
    dh: float


@dataclass(frozen=True, eq=False, slots=True)
class Heatmap:
    """The picture: image, candles, axes, colour bar, and what a pointer may ask about it."""

    kind: ClassVar[str] = "heatmap"
    query: str
    frame: str
    """Zoom and pan are kept from one picture to the next of the same frame."""
    detail: bool
    """Whether the image is of the window that a visitor has zoomed to, not of the whole frame."""
    image: Image
    other_image: Image | None
    """Of the model that is compared with, on a scale of its own, where both stand side by side."""
    sources: Mapping[str, Mapping[str, Array]]
    ranges: Mapping[str, tuple[float, float]]
    colors: ColorBar
    diverging: bool
    """Whether it is a difference of two models."""
    unit: str
    """`exposure`, or `expected liquidations` and whose."""
    model: str
    versus: str
    """Title of the model that is compared with, or nothing."""
    what: str
    """A sentence that says what the colours are."""
    spot: float
    times: str
    """Of each column, UTC, a line each: one text crosses many times faster than hundreds."""
    closes: Array
    """Of each column [quote/base], NaN in a gap."""
    decimals: int
    """Of a price in words."""
    bar_ms: float
    """Length of the bars that come [ms] …"""
    end_ms: float
    """… and when the newest ends."""
    leverages: str
    """Of each row, now, a line each: those that make up most of it; empty where the image ends
    before now."""
    band_fraction: float
    """As long as this part of what waits at a place is there, it is the same band."""
    watermark: str


@dataclass(frozen=True, eq=False, slots=True)
class Kept:
    """What the next picture may take from one."""

    scale: Scale
    """Colours stay while they still fit."""
    whole: Cells
    """Of all prices and all the time …"""
    shown: Uncolored
    """… and of what is seen of it."""


def draw(
    market: Market,
    density: Density,
    view: View,
    *,
    screen: Screen = Screen(),  # noqa: B008 - frozen
    shares: Shares | None = None,
    versus: tuple[str, Density] | None = None,
    detail: tuple[Density, Density | None] | None = None,
    before: Kept | None = None,
) -> tuple[Heatmap, Kept]:
    """The heatmap of a density, and what the next one may take from it.

    Parameters
    ----------
    market : Market
        Its candles are cut to the density's time.
    density : Density
        The columns to show, with the amounts to show.
    view : View
    screen : Screen
        Where it is shown.
    shares : Shares, optional
        What the amounts are parts of, where they are expected liquidations.
    versus : (model, density), optional
        Another model's estimate of the same columns and bins, to be compared with.
    detail : (density, density of `versus` or None), optional
        The same for the window that a visitor has zoomed to: the image shows it, in the whole
        picture's colours.
    before : Kept, optional
        Of the picture before.
    """
    side = view.comparison == "side"
    other = None if versus is None else versus[1]
    everything = replace(view, bands="both")
    whole = _cells(
        density,
        None if side else other,
        everything,
        market,
        screen,
        before.whole if before else None,
    )
    begin, end = whole.begin_ms, float(density.time_edges_ms[-1])
    spot = float(market.candles.close[-1])
    lower, upper = float(density.price_edges[0]), float(density.price_edges[-1])
    frame = (view.venue, view.symbol, view.range, view.low, view.high, market.simulated)
    unit = unit_of(shares)
    title = "" if versus is None else say(MODELS[versus[0]])
    about = (*frame, view.model, view.leverages, view.positions, view.scale, unit, title)
    name = "|".join(map(str, (*about, whole.row_price)))
    if before is not None and before.scale.about == name and whole.nearly(before.whole):
        scale = before.scale
    else:
        scale = Scale.of(whole.quote, view.scale, name).steadied(before.scale if before else None)
    kept = scale
    shown, shown_density = whole, density
    if detail is not None:
        shown_density, other = detail
    if detail is not None or view.bands != "both":
        shown = _cells(shown_density, None if side else other, view, market, screen)
        scale = scale.resized(shown.row_price / whole.row_price)
    diverging = other is not None and not side
    beside = None
    if versus is not None and other is not None and side:
        total = _cells(versus[1], None, everything, market, screen)
        found = _cells(other, None, view, market, screen)
        own = Scale.of(total.quote, view.scale).resized(found.row_price / total.row_price)
        beside = found, own
    uncolored = Uncolored(shown, scale, beside, diverging)
    colors = uncolored.colored(view, light=screen.light(view.theme))
    image, other_image = _image(shown, colors.rgba), None
    if beside is not None and colors.other_rgba is not None:
        other_image = _image(beside[0], colors.other_rgba)
    candles = market.candles
    inside = (candles.time_ms >= image.x) & (candles.time_ms < image.x + image.dw)
    candles = candles.rows(inside).gathered(shown.column_ms)
    picture = Heatmap(
        query=colors.query,
        frame="|".join(map(str, frame)),
        detail=detail is not None,
        image=image,
        other_image=other_image,
        sources=bars(candles),
        ranges={
            "time_range": (begin, end + 0.012 * (end - begin)),
            "price_range": (lower, upper),
        },
        colors=colors.colors,
        diverging=diverging,
        unit=unit,
        model=say(MODELS[view.model]),
        versus=title,
        what=what(view, shares, unit, title, shown.row_price / spot),
        spot=spot,
        times=_times(image.x, shown.column_ms, image.columns),
        closes=closes(candles, image.x, shown.column_ms, image.columns),
        decimals=decimals_of(market.instrument.tick_size, spot),
        bar_ms=market.candles.step_ms,
        end_ms=end,
        leverages=_leverages(shown_density, end, screen),
        band_fraction=BAND_FRACTION,
        watermark=say("SIMULATED MARKET") if market.simulated else "",
    )
    return picture, Kept(kept, whole, uncolored)


def _image(cells: Cells, rgba: NDArray[np.uint32]) -> Image:
    """An image of cells."""
    rows, columns = cells.quote.shape
    return Image(
        rgba=rgba,
        quote=np.ascontiguousarray(cells.quote).ravel(),
        rows=rows,
        columns=columns,
        x=cells.begin_ms,
        y=cells.low_price,
        dw=columns * cells.column_ms,
        dh=rows * cells.row_price,
    )


def _cells(
    density: Density,
    other: Density | None,
    view: View,
    market: Market,
    screen: Screen,
    before: Cells | None = None,
) -> Cells:
    """The cells of a density, or of its difference to another; of `before`, those that stay."""

    def amounts(newest: Density) -> Matrix:
        own = amounts_quote(newest, view, market)
        if other is None:
            return own
        same = other.last(newest.time_edges_ms.size - 1)
        difference: Matrix = own - amounts_quote(same, view, market)
        return difference

    span_ms = float(density.time_edges_ms[-1] - density.time_edges_ms[0])
    if other is not None or view.bands != "both":  # what comes may change any column of these
        before = None
    return cells(density, amounts, screen, span_ms, about=view.positions, before=before)


@lru_cache(maxsize=4)
def _times(begin_ms: float, column_ms: float, columns: int) -> str:
    """Of each column; a tick in the same column asks for the same."""
    return "\n".join(clock(begin_ms + column * column_ms) for column in range(columns))


def _leverages(density: Density, now_ms: float, screen: Screen) -> str:
    """Of each row, now: none where the last column is of an earlier time."""
    bins = screen.bins_a_row()
    if density.time_edges_ms[-1] < now_ms:
        return ""
    return "\n".join(row_leverages(density, bins))


def unit_of(shares: Shares | None) -> str:
    """Name of the amounts: `exposure`, or expected liquidations and whose."""
    if shares is None:
        return say("exposure")
    return say("expected liquidations {whose}", whose=say(WHOSE[shares.whose]))
