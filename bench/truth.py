"""The estimators against a known truth: a simulated market whose every position is known.

They see its candles and open interest, and are held against the positions at several ends
of days: earth mover's distance per side in log price (shapes of equal mass; smaller is
better), and rank correlation by bins of a quarter percent within a tenth of the price.
`near_spot` is the baseline that knows the measured distances and lays them around the last
close, as if everybody had just entered.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

import liqmap
from liqmap.data.series import Array
from liqmap.estimate.api import MODELS, spread
from liqmap.estimate.leverage import mix_of
from liqmap.evaluate.bootstrap import rank_correlation
from liqmap.evaluate.scorecard import earth_movers_distance
from liqmap.simulation import MAINTENANCE_RATE, Simulation, simulate

SEEDS = range(1, 6)
DAY_BARS, DAYS = 288, 4
"""Days at whose end they are compared, the last ones."""
BINS = 2_000
NEAR_RATE, NEAR_BIN_RATE = 0.10, 0.0025
WINDOW_RATE = 0.01
"""Clusters whose 10 … 90 % interval is held against the truth are so wide."""

Profile = tuple[Array, Array]
"""Longs and shorts by bin; the first and last bin hold all that lies beyond."""


class Score(NamedTuple):
    """Of one estimate against the truth, the mean of both sides."""

    distance: float
    rank: float


def figures() -> Iterator[tuple[str, float]]:
    """Means over simulated weeks."""
    began = time.perf_counter()
    simulate(SEEDS[0])
    yield "demo_week_s", time.perf_counter() - began
    scores = [scores_of(simulate(seed)) for seed in SEEDS]
    for name in scores[0]:
        yield f"truth_{name}_distance_log", float(np.mean([one[name].distance for one in scores]))
        yield f"truth_{name}_rank_ratio", float(np.mean([one[name].rank for one in scores]))
    full, many = _seconds()
    yield "spread_over_estimate_ratio", many / full
    covered = [covered_by_spread(simulate(seed)) for seed in SEEDS]
    yield "truth_within_spread_ratio", float(np.mean(covered))


def scores_of(simulation: Simulation) -> dict[str, Score]:
    """Each model's and the baseline's, over the last days."""
    candles = simulation.market.candles
    close = float(candles.close[-1])
    edges = np.linspace(0.15 * close, 2.2 * close, BINS + 1)
    names = [*MODELS, "near_spot"]
    found: dict[str, list[Score]] = {name: [] for name in names}
    densities = {
        model: liqmap.estimate(
            candles,
            simulation.market.open_interest,
            model=model,
            price_bins=BINS,
            price_range=(float(edges[0]), float(edges[-1])),
            maintenance=MAINTENANCE_RATE,
            every=DAY_BARS,
        )
        for model in MODELS
    }
    days = len(candles) // DAY_BARS
    for day in range(days - DAYS, days):
        bar = (day + 1) * DAY_BARS - 1
        spot = float(candles.close[bar])
        truth = (
            simulation.positions.density(_open_ended(edges), bar, 1),
            simulation.positions.density(_open_ended(edges), bar, -1),
        )
        for model, density in densities.items():
            found[model].append(score(_profile(density, day), truth, edges, spot))
        found["near_spot"].append(score(near_spot(edges, spot), truth, edges, spot))
    return {
        name: Score(
            float(np.mean([one.distance for one in all_of])),
            float(np.mean([one.rank for one in all_of])),
        )
        for name, all_of in found.items()
    }


def near_spot(edges: Array, spot: float) -> Profile:
    """The measured distances around the price."""
    mix = mix_of(np.geomspace(1.5, 125, 400))
    leverage = np.array([one.low for one in mix.ranges])
    sides = []
    for position_side in (1, -1):
        price = liqmap.liquidation_price(spot, leverage, position_side, MAINTENANCE_RATE)
        sides.append(np.histogram(price, _open_ended(edges), weights=mix.weight)[0])
    return sides[0], sides[1]


def score(estimated: Profile, truth: Profile, edges: Array, spot: float) -> Score:
    """How far, and how well ranked near the price."""
    # What lies beyond is taken to lie at the ends.
    edges = np.concatenate([edges[:1] * (1 - 1e-9), edges, edges[-1:] * (1 + 1e-9)])
    middles = (edges[1:] + edges[:-1]) / 2
    distances, ranks = [], []
    for side, (guess, fact) in enumerate(zip(estimated, truth, strict=True)):
        distances.append(earth_movers_distance(edges, guess, fact))
        away = (spot - middles if side == 0 else middles - spot) / spot
        bins = np.arange(0, NEAR_RATE + 1e-9, NEAR_BIN_RATE)
        near = [np.histogram(away, bins, weights=mass)[0] for mass in (guess, fact)]
        ranks.append(rank_correlation(near[0], near[1]))
    return Score(float(np.mean(distances)), float(np.mean(ranks)))


def covered_by_spread(simulation: Simulation) -> float:
    """Part of the true clusters that lie within the interval the ensemble gives."""
    candles = simulation.market.candles
    spot, width = float(candles.close[-1]), 20
    rows = round(2 * 0.2 / WINDOW_RATE) * width
    options: dict[str, Any] = {
        "price_bins": rows,
        "price_range": (0.8 * spot, 1.2 * spot),
        "maintenance": MAINTENANCE_RATE,
    }
    found = spread(candles, simulation.market.open_interest, **options)
    density = liqmap.estimate(candles, simulation.market.open_interest, **options)
    first = np.arange(0, rows, width)
    inside = []
    for position_side, estimated in ((1, density.long_base), (-1, density.short_base)):
        fact = simulation.positions.density(found.price_edges, len(candles) - 1, position_side)
        fact = np.add.reduceat(fact, first)
        amount = np.add.reduceat(estimated[:, -1].astype(np.float64), first)
        low, high = found.interval(amount, first, first + width, position_side)
        there = fact > 0.001 * fact.sum()
        inside.append(((low <= fact) & (fact <= high))[there])
    return float(np.concatenate(inside).mean())


def _seconds() -> tuple[float, float]:
    """Quickest estimate of a week and quickest spread, in turns."""
    market = simulate(SEEDS[0]).market
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        liqmap.estimate(market.candles, market.open_interest)
        between = time.perf_counter()
        spread(market.candles, market.open_interest)
        taken.append((between - began, time.perf_counter() - between))
    one, many = zip(*taken, strict=True)
    return min(one), min(many)


def _open_ended(edges: Array) -> Array:
    return np.concatenate([[-np.inf], edges, [np.inf]])


def _profile(density: liqmap.Density, column: int) -> Profile:
    longs = np.pad(density.long_base[:, column].astype(np.float64), 1)
    shorts = np.pad(density.short_base[:, column].astype(np.float64), 1)
    longs[0], shorts[-1] = density.beyond_long_base[column], density.beyond_short_base[column]
    return longs, shorts
