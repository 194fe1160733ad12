"""From a density to what the screen needs: plain arrays and words, no Bokeh.

`draw` returns one nested dictionary of strings, numbers, lists and 1-D arrays, ready to
cross to the page. Colours are looked up here, so that any scale costs the page nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from liqmap.analysis.clusters import row_leverages
from liqmap.analysis.clusters import rows as level_rows
from liqmap.data.market import Market
from liqmap.data.series import Array, Candles
from liqmap.estimate.density import Density, Matrix
from liqmap.estimate.ensemble import Members, Sides
from liqmap.evaluate.realised_share import Shares
from liqmap.picture.color_scale import Scale, colored, colored_difference, legend, legend_difference
from liqmap.picture.liquidation_map import band, profile
from liqmap.view import View
from liqmap.words import clock, usd

T = TypeVar("T", Density, Sides)

SOURCES = {
    "image": ("image", "x", "y", "dw", "dh"),
    "rising": ("time", "low", "high", "width", "top", "bottom"),
    "falling": ("time", "low", "high", "width", "top", "bottom"),
    "profile": ("left", "right", "bottom", "top", "color"),
    "profile_band": ("price", "low", "high"),
    "cumulative_long": ("price", "total"),
    "cumulative_short": ("price", "total"),
}
"""Column names of each source of the Bokeh document."""

_MODEL_TITLES = {"balance": "Balance", "turnover": "Turnover", "survivor": "Survivor"}


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


def price_format(tick_size: float, price: float) -> tuple[int, str]:
    """Decimals of a price, and the same as a pattern of Bokeh."""
    step = tick_size or price * 1e-5
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    return decimals, "0,0" + ("." + "0" * decimals if decimals else "")


def draw(
    market: Market,
    density: Density,
    view: View,
    *,
    shares: Shares | None = None,
    versus: tuple[str, Density] | None = None,
    members: Members | None = None,
    breakdown: Mapping[str, Density] | None = None,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything the page shows of a density.

    Parameters
    ----------
    market : Market
        Its candles are cut to the density's time.
    density : Density
        The columns to show.
    view : View
    shares : Shares, optional
        Show expected liquidations, exposure × these; default: exposure.
    versus : (model, density), optional
        Show the difference to another model's estimate of the same columns and bins.
    members : Members, optional
        Equally good guesses, for the range of each amount.
    breakdown : mapping of a venue's title to its density, optional
        The parts, on the same bins, when `density` is their sum.
    before : mapping, optional
        `scale` of the picture before: colours stay while they still fit.
    """
    density = expected(density, shares)
    sure = None if members is None else expected(Sides.of(members), shares)
    begin, end = float(density.time_edges_ms[0]), float(density.time_edges_ms[-1])
    candles = market.candles.rows(market.candles.time_ms >= begin)
    spot = float(candles.close[-1])
    lower, upper = float(density.price_edges[0]), float(density.price_edges[-1])
    amounts = amounts_quote(density, view.positions)
    if versus is not None:
        amounts = amounts - amounts_quote(expected(versus[1], shares), view.positions)
    amounts, step_ms = with_gaps(amounts, density.time_edges_ms)
    rows, columns = amounts.shape
    frame = (view.venue, view.symbol, view.range, view.low, view.high, market.simulated)
    unit = "exposure" if shares is None else "expected liquidations"
    other = "" if versus is None else _MODEL_TITLES[versus[0]]
    shown = (*frame, view.model, view.tiers, view.positions, view.scale, unit, other)
    about = "|".join(map(str, shown))
    scale = Scale.of(amounts, view.scale).steadied(before, about)
    around = profile(density, view.positions)
    spread = band(density, view.positions, sure)
    decimals, _ = price_format(market.instrument.tick_size, spot)
    _, pattern = price_format(0, (upper - lower) * 2_000)
    paint, bar = (colored, legend) if versus is None else (colored_difference, legend_difference)
    return {
        "frame": "|".join(map(str, frame)),
        "image": {
            "rgba": paint(amounts, scale, view).ravel(),
            "quote": np.ascontiguousarray(amounts).ravel(),
            "rows": rows,
            "columns": columns,
            "x": begin,
            "y": lower,
            "dw": columns * step_ms,
            "dh": upper - lower,
        },
        "sources": {
            **bars(thinned(candles, 1_500)),
            **around["sources"],
            "profile_band": spread,
        },
        "ranges": {
            "time_range": [begin, end + 0.012 * (end - begin)],
            "price_range": [lower, upper],
            "map_range": [0.0, max(around["map"][1], float(spread["high"].max(initial=0.0)))],
            "cumulative_range": around["cumulative"],
        },
        "colors": bar(scale, view),
        "scale": scale.plain(about),
        "diverging": versus is not None,
        "unit": unit,
        "versus": other,
        "model": _MODEL_TITLES[view.model],
        "what": what(view, shares, other, f"{(upper - lower) / rows / spot:.2%}"),
        "spot": spot,
        "times": [clock(begin + column * step_ms) for column in range(columns)],
        "closes": closes(candles, begin, step_ms, columns),
        "decimals": decimals,
        "price_format": pattern,
        "long_total": usd(around["long_quote"]),
        "short_total": usd(around["short_quote"]),
        "beyond_long": usd(float(density.beyond_long_base[-1]) * spot),
        "beyond_short": usd(float(density.beyond_short_base[-1]) * spot),
        "levels": level_rows(density, spot, view.positions, decimals, sure),
        "leverages": row_leverages(density),
        "breakdown": parts(
            {title: expected(part, shares) for title, part in (breakdown or {}).items()},
            view.positions,
        ),
        "watermark": "SIMULATED MARKET" if market.simulated else "",
    }


def expected(held: T, shares: Shares | None) -> T:
    """The same with every quantity times the share of its side; without shares as it is."""
    if shares is None:
        return held
    changed = {}
    for one in fields(held):
        for side, share in zip(("long", "short"), shares, strict=True):
            if side in one.name:
                changed[one.name] = getattr(held, one.name) * share.value
    return replace(held, **changed)


def what(view: View, shares: Shares | None, other: str, per_price: str) -> str:
    """The sentence that says what the colours are: USD per so much of the price."""
    mine, unit = (
        _MODEL_TITLES[view.model],
        "exposure" if shares is None else "expected liquidations",
    )
    only = [] if view.positions == "both" else [f"{view.positions}s"]
    only += [" ".join(f"{tier}×" for tier in view.tiers)] if view.tiers else []
    chosen = f"Only {', '.join(only)}. " if only else ""
    if other:
        return (
            f"{chosen}{mine} minus {other}: estimated {unit}, USD per {per_price} of the price. "
            f"Orange where {mine} sees more, blue where it sees less. Map, sums and table are "
            f"{mine}'s own. Nothing of it has happened."
        )
    if view.model != "balance":
        chosen = f"By the model {mine}. {chosen}"
    if shares is None:
        return (
            f"{chosen}Exposure: estimated open positions by the price that would liquidate them, "
            f"USD per {per_price} of the price. Not liquidations: these have not happened."
        )
    long, short = (
        f"{one.value:.1%} of {side} ({one.low:.1%} to {one.high:.1%})"
        for one, side in zip(shares, ("longs", "shorts"), strict=True)
    )
    return (
        f"{chosen}Expected liquidations if the price goes there, USD per {per_price} of the price: "
        f"estimated exposure × the share that is really liquidated, {long} and {short}, "
        f"{shares.long.source}. These have not happened."
    )


def parts(breakdown: Mapping[str, Density], positions: str) -> list[list[str]]:
    """What each venue adds at the last bar: title, longs, shorts, its share; largest first."""
    sums = {}
    for title, density in breakdown.items():
        longs, shorts = (
            float(base[:, -1] @ density.prices) if positions in ("both", side) else 0.0
            for side, base in (("long", density.long_base), ("short", density.short_base))
        )
        sums[title] = (longs, shorts)
    total = sum(map(sum, sums.values()))
    if len(sums) < 2 or total <= 0:
        return []
    return [
        [title, usd(sums[title][0]), usd(sums[title][1]), f"{sum(sums[title]) / total:.0%}"]
        for title in sorted(sums, key=lambda one: -sum(sums[one]))
    ]


def as_csv(density: Density, shares: Shares | None = None) -> str:
    """The last column as CSV, bin by bin, lowest first: exposure or expected liquidations."""
    kind = "" if shares is None else "expected_"
    density = expected(density, shares)
    lines = [f"low_price,high_price,{kind}long_quote,{kind}short_quote"]
    edges = density.price_edges
    longs = density.long_base[:, -1] * density.prices
    shorts = density.short_base[:, -1] * density.prices
    lines += [
        f"{edges[row]:.10g},{edges[row + 1]:.10g},{longs[row]:.2f},{shorts[row]:.2f}"
        for row in range(longs.size)
    ]
    return "\n".join(lines) + "\n"
