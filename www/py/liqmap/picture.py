"""From a density to what the screen needs: plain arrays and words, no Bokeh.

`draw` returns one nested dictionary of strings, numbers, lists and 1-D arrays, ready to
cross to the page. Colours are looked up here, so that any scale costs the page nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liqmap.columns import Array, Candles
from liqmap.density import Density, Matrix
from liqmap.levels import clock
from liqmap.market import Market
from liqmap.palettes import css, table, usd
from liqmap.view import View

LONG_COLOR = "#2ec4a6"
SHORT_COLOR = "#ff5c7a"
SOURCES = {
    "image": ("image", "x", "y", "dw", "dh"),
    "rising": ("time", "low", "high", "width", "top", "bottom"),
    "falling": ("time", "low", "high", "width", "top", "bottom"),
    "profile": ("left", "right", "bottom", "top", "color"),
    "cumulative_long": ("price", "total"),
    "cumulative_short": ("price", "total"),
}
"""Column names of each source of the Bokeh document."""

LEVERAGE_CLASSES = ((5, "#5b7cfa"), (10, "#27b3c9"), (30, "#f2b134"), (math.inf, "#ef5d60"))
"""Upper leverage and colour of each class of the map."""

_MAP_ROWS = 220
_BRIGHTEST = 0.998
"""The quantile of the filled cells that takes the last colour: one outlier dims nothing."""
_DECADES = 1e-3
_SAMPLE = 60_000


@dataclass(frozen=True, slots=True)
class Scale:
    """Where on the colour bar an amount lies, 0 to 1."""

    kind: str
    high: float
    quantiles: Array

    @classmethod
    def of(cls, amounts: Matrix, kind: str) -> Scale:
        """The scale that shows these amounts well."""
        filled = amounts.ravel()[:: max(1, amounts.size // _SAMPLE)]
        filled = filled[filled > 0]
        if not filled.size:
            return cls(kind, 1.0, np.linspace(0, 1, 65))
        quantiles = np.quantile(filled.astype(np.float64), np.linspace(0, 1, 65))
        return cls(kind, float(np.quantile(filled, _BRIGHTEST)), quantiles)

    def position(self, amounts: Matrix) -> Matrix:
        """0 to 1 (above: brighter than the brightest), float32."""
        if self.kind == "rank":
            return np.interp(amounts, self.quantiles, np.linspace(0, 1, 65)).astype(np.float32)
        share = amounts / np.float32(self.high)
        if self.kind == "linear":
            return share
        lifted = np.maximum(share, np.float32(_DECADES))
        logs: Matrix = 1 - np.log(lifted) / np.float32(math.log(_DECADES))
        return logs

    def ticks(self) -> tuple[list[float], list[str]]:
        """Positions and labels for the colour bar."""
        if self.kind == "rank":
            at = [0.0, 0.25, 0.5, 0.75, 1.0]
            return at, [usd(float(self.quantiles[round(64 * place)])) for place in at]
        if self.kind == "log":
            at = [0.0, 1 / 3, 2 / 3, 1.0]
            return at, [usd(self.high * _DECADES ** (1 - place)) for place in at]
        step = 10.0 ** math.floor(math.log10(self.high))
        step *= next(part for part in (0.1, 0.2, 0.5, 1, 2) if self.high <= 6 * part * step)
        amounts = np.arange(0, self.high * (1 + 1e-9), step)
        return [float(one / self.high) for one in amounts], [usd(float(one)) for one in amounts]


def amounts_quote(density: Density, positions: str) -> Matrix:
    """The matrix that a picture shows [quote], shape (B, T)."""
    if positions == "long":
        return density.long_quote
    if positions == "short":
        return density.short_quote
    return (density.long_base + density.short_base) * density.prices[:, None].astype(np.float32)


def with_gaps(matrix: Matrix, time_edges_ms: Array) -> tuple[Matrix, float]:
    """Columns on an even time axis, NaN where there was no bar; and the step [ms]."""
    starts = time_edges_ms[:-1]
    steps = np.diff(time_edges_ms)
    step = float(steps.min())
    column = np.rint((starts - starts[0]) / step).astype(np.intp)
    if column[-1] + 1 == matrix.shape[1]:
        return matrix, step
    even = np.full((matrix.shape[0], int(column[-1]) + 1), np.nan, np.float32)
    even[:, column] = matrix
    return even, step


def colored(position: Matrix, view: View) -> NDArray[np.uint32]:
    """RGBA of each cell; nothing below the floor, in gaps, or where nothing waits."""
    low, high = view.floor / 100, view.ceiling / 100
    steps = (position - np.float32(low)) * np.float32(255 / (high - low))
    empty = ~(steps > 0)
    steps[empty] = 0
    np.minimum(steps, 255, out=steps)
    colors = table(view.palette).view(np.uint32).ravel().copy()
    colors[0] = 0
    shown: NDArray[np.uint32] = colors[steps.astype(np.uint8)]
    return shown


def legend(scale: Scale, view: View) -> dict[str, Any]:
    """The colour bar."""
    at = np.linspace(0, 1, 256)
    low, high = view.floor / 100, view.ceiling / 100
    step = np.clip((at - low) * 255 / (high - low), 0, 255).astype(np.uint8)
    colors = table(view.palette)[step]
    colors[at < low, 3] = 0
    ticks, labels = scale.ticks()
    return {"palette": css(colors), "ticks": ticks, "labels": labels}


def bars(candles: Candles) -> dict[str, dict[str, Array]]:
    """The candles, rising and falling apart."""
    rising = candles.close >= candles.open
    sources = {}
    for name, chosen in (("rising", rising), ("falling", ~rising)):
        middle = candles.time_ms[chosen] + candles.step_ms / 2
        body = np.stack([candles.open[chosen], candles.close[chosen]])
        sources[name] = {
            "time": middle,
            "low": candles.low[chosen],
            "high": candles.high[chosen],
            "width": np.full(middle.size, 0.7 * candles.step_ms),
            "top": body.max(axis=0),
            "bottom": body.min(axis=0),
        }
    return sources


def closes(candles: Candles, begin_ms: float, step_ms: float, columns: int) -> Array:
    """The last close of each column, NaN in a gap."""
    last = np.full(columns, np.nan)
    column = ((candles.time_ms - begin_ms) // step_ms).astype(np.intp)
    last[np.clip(column, 0, columns - 1)] = candles.close
    return last


def thinned(candles: Candles, most: int) -> Candles:
    """Joined bars, when there are more than a screen can show."""
    every = math.ceil(len(candles) / most)
    if every <= 1:
        return candles
    first = np.arange(0, len(candles), every)
    last = np.minimum(first + every, len(candles)) - 1
    return Candles(
        candles.time_ms[first],
        candles.open[first],
        np.maximum.reduceat(candles.high, first),
        np.minimum.reduceat(candles.low, first),
        candles.close[last],
        np.add.reduceat(candles.volume_base, first),
        step_ms=candles.step_ms * every,
    )


def profile(density: Density, positions: str) -> dict[str, Any]:
    """The liquidation map: the last column, stacked by leverage class, and its sums.

    `profile` has one bar a row and class; `cumulative_*` run outward from the price.
    """
    edges = density.price_edges
    group = math.ceil((edges.size - 1) / _MAP_ROWS)
    starts = np.arange(0, edges.size - 1, group)
    bottom, top = edges[starts], edges[np.minimum(starts + group, edges.size - 1)]
    by_side = []
    for name in ("long", "short"):
        base: Matrix = getattr(density, f"{name}_by_tier_base")
        if not base.size:
            base = getattr(density, f"{name}_base")[:, -1][None]
        if positions not in ("both", name):
            base = np.zeros_like(base)
        rows = np.add.reduceat(base * density.prices, starts, axis=1)
        by_side.append(rows)
    stack = by_side[0] + by_side[1]
    tiers = density.tiers if density.tiers.size == len(stack) else np.full(len(stack), math.inf)
    pieces = []
    left = np.zeros(starts.size)
    lowest = 0.0
    for highest, color in LEVERAGE_CLASSES:
        chosen = (tiers > lowest) & (tiers <= highest)
        lowest = highest
        right = left + stack[chosen].sum(axis=0)
        pieces.append((left, right, [color] * starts.size))
        left = right
    middle = 0.5 * (bottom + top)
    long_total, short_total = (rows.sum(axis=0) for rows in by_side)
    down = np.cumsum(long_total[::-1])
    up = np.cumsum(short_total)
    waiting_below, waiting_above = down > 0, up > 0
    return {
        "sources": {
            "profile": {
                "left": np.concatenate([piece[0] for piece in pieces]),
                "right": np.concatenate([piece[1] for piece in pieces]),
                "bottom": np.tile(bottom, len(pieces)),
                "top": np.tile(top, len(pieces)),
                "color": [color for piece in pieces for color in piece[2]],
            },
            "cumulative_long": {
                "price": middle[::-1][waiting_below],
                "total": down[waiting_below],
            },
            "cumulative_short": {"price": middle[waiting_above], "total": up[waiting_above]},
        },
        "map": [0.0, 1.08 * float(left.max(initial=0.0)) or 1.0],
        "cumulative": [0.0, 1.08 * float(max(down[-1], up[-1])) or 1.0],
        "long_quote": float(down[-1]),
        "short_quote": float(up[-1]),
    }


def price_format(tick_size: float, price: float) -> tuple[int, str]:
    """Decimals of a price, and the same as a pattern of Bokeh."""
    step = tick_size or price * 1e-5
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    return decimals, "0,0" + ("." + "0" * decimals if decimals else "")


def draw(market: Market, density: Density, view: View) -> dict[str, Any]:
    """Everything the page shows of a density.

    Parameters
    ----------
    market : Market
        Its candles are cut to the density's time.
    density : Density
        The columns to show.
    view : View
    """
    begin, end = float(density.time_edges_ms[0]), float(density.time_edges_ms[-1])
    candles = market.candles.rows(market.candles.time_ms >= begin)
    spot = float(candles.close[-1])
    edges = density.price_edges
    amounts, step_ms = with_gaps(amounts_quote(density, view.positions), density.time_edges_ms)
    scale = Scale.of(amounts, view.scale)
    rows, columns = amounts.shape
    position = np.where(amounts > 0, scale.position(amounts), np.float32(-1))
    lower, upper = float(edges[0]), float(edges[-1])
    around = profile(density, view.positions)
    decimals, _ = price_format(market.instrument.tick_size, spot)
    _, pattern = price_format(0, (upper - lower) * 2_000)
    return {
        "frame": "|".join(
            map(str, (view.venue, view.symbol, view.range, view.low, view.high, market.simulated))
        ),
        "image": {
            "rgba": colored(position, view).ravel(),
            "quote": np.ascontiguousarray(amounts).ravel(),
            "rows": rows,
            "columns": columns,
            "x": begin,
            "y": lower,
            "dw": columns * step_ms,
            "dh": upper - lower,
        },
        "sources": {**bars(thinned(candles, 1_500)), **around["sources"]},
        "ranges": {
            "time_range": [begin, end + 0.012 * (end - begin)],
            "price_range": [lower, upper],
            "map_range": around["map"],
            "cumulative_range": around["cumulative"],
        },
        "colors": legend(scale, view),
        "spot": spot,
        "times": [clock(begin + column * step_ms) for column in range(columns)],
        "closes": closes(candles, begin, step_ms, columns),
        "decimals": decimals,
        "price_format": pattern,
        "long_total": usd(around["long_quote"]),
        "short_total": usd(around["short_quote"]),
        "beyond": usd(float(density.beyond_long_base[-1] + density.beyond_short_base[-1]) * spot),
        "watermark": "SIMULATED MARKET" if market.simulated else "",
    }


def as_csv(density: Density) -> str:
    """The last column as CSV: bin by bin, lowest first."""
    lines = ["low_price,high_price,long_quote,short_quote"]
    edges = density.price_edges
    longs = density.long_base[:, -1] * density.prices
    shorts = density.short_base[:, -1] * density.prices
    lines += [
        f"{edges[row]:.10g},{edges[row + 1]:.10g},{longs[row]:.2f},{shorts[row]:.2f}"
        for row in range(longs.size)
    ]
    return "\n".join(lines) + "\n"
