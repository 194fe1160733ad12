"""The balance model: a book of positions that agrees with every published number.

Per bar and side: what the bar's range reached is swept; new contracts open along the bar's
path; the rest of the balance closes. At every bar's end each side equals the open interest.
"""

from __future__ import annotations

import numpy as np

from liqmap.columns import Array, Candles
from liqmap.density import Density
from liqmap.grid import PriceGrid

CHURN = 1 / 3
ENTRIES = 8
PRIOR_SPREAD = 0.05


def _path(open_: float, high: float, low: float, close: float) -> tuple[Array, Array, Array]:
    """Entry prices along a bar's path, and the lowest and highest price still to come."""
    turns = [open_, low, high, close] if close >= open_ else [open_, high, low, close]
    length = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(turns)))])
    at = (np.arange(ENTRIES) + 1) / ENTRIES * length[-1]
    entry = np.interp(at, length, turns)
    rest_low, rest_high = np.empty(ENTRIES), np.empty(ENTRIES)
    for i in range(ENTRIES):
        rest = [entry[i]] + [turns[j] for j in range(4) if length[j] > at[i]] + [close]
        rest_low[i], rest_high[i] = min(rest), max(rest)
    return entry, rest_low, rest_high


def estimate(
    candles: Candles,
    reach_low: Array,
    reach_high: Array,
    prior_base: float,
    open_interest_base: Array,
    factors: Array,
    weight: Array,
    grid: PriceGrid,
    every: int,
    first: int,
    shown: Array,
) -> Density:
    """Plain loops, one bar at a time."""
    tiers = weight.size
    bars = len(candles)
    columns = np.arange(first, bars, every)
    matrix = np.zeros((2, columns.size, grid.bins), np.float32)
    beyond = np.zeros((2, columns.size))
    swept, swept_quote = np.zeros((2, bars)), np.zeros((2, bars))
    prior_share = np.zeros(columns.size)
    first_price = float(candles.open[0])
    spread = first_price * np.exp(PRIOR_SPREAD * np.linspace(-2.5, 2.5, 201))
    bell = np.exp(-0.5 * np.linspace(-2.5, 2.5, 201) ** 2)
    sides = (0, 1)
    price, mass, tier, entry_price, old = [], [], [], [], []
    for s in sides:
        p = np.outer(spread, factors[s]).ravel()
        m = np.outer(bell, weight).ravel()
        m[(p >= first_price) if s == 0 else (p <= first_price)] = 0.0
        price.append(p)
        mass.append(m / m.sum() * prior_base)
        tier.append(np.tile(np.arange(tiers), 201))
        entry_price.append(np.repeat(spread, tiers))
        old.append(np.ones(p.size, bool))
    for t in range(bars):
        close = float(candles.close[t])
        for s in sides:
            dead = price[s] >= reach_low[t] if s == 0 else price[s] <= reach_high[t]
            seen = dead & shown[tier[s]]
            swept[s, t] = mass[s][seen].sum()
            swept_quote[s, t] = mass[s][seen] @ price[s][seen]
            keep = ~dead & (mass[s] > 1e-9 * max(prior_base, 1e-300))
            price[s], mass[s], tier[s] = price[s][keep], mass[s][keep], tier[s][keep]
            entry_price[s], old[s] = entry_price[s][keep], old[s][keep]
        target = float(open_interest_base[t])
        book = [float(mass[s].sum()) for s in sides]
        opened = max(target - book[0], target - book[1], 0.0)
        opened = min(opened + CHURN * float(candles.volume_base[t]), target)
        entry, rest_low, rest_high = _path(
            float(candles.open[t]), float(candles.high[t]), float(candles.low[t]), close
        )
        for s in sides:
            if book[s] > 0:
                mass[s] *= (target - opened) / book[s]
            p = np.outer(entry, factors[s])
            stands = p < rest_low[:, None] if s == 0 else p > rest_high[:, None]
            m = np.where(stands, weight, 0.0).ravel()
            m *= opened / m.sum()
            price[s] = np.append(price[s], p.ravel())
            mass[s] = np.append(mass[s], m)
            tier[s] = np.append(tier[s], np.tile(np.arange(tiers), ENTRIES))
            entry_price[s] = np.append(entry_price[s], np.repeat(entry, tiers))
            old[s] = np.append(old[s], np.zeros(m.size, bool))
        if t >= first and ((t - first) % every == every - 1 or t == bars - 1):
            c = (t - first) // every
            for s in sides:
                row = grid.rows(price[s])
                inside = (row >= 0) & (row < grid.bins)
                seen = shown[tier[s]]
                matrix[s, c] = np.bincount(
                    row[inside & seen], mass[s][inside & seen], minlength=grid.bins
                )
                beyond[s, c] = mass[s][~inside & seen].sum()
            total = mass[0].sum() + mass[1].sum()
            prior_share[c] = (
                (mass[0][old[0]].sum() + mass[1][old[1]].sum()) / total if total > 0 else 0.0
            )
    by_tier = np.zeros((2, tiers, grid.bins), np.float32)
    for s in sides:
        row = grid.rows(price[s])
        inside = (row >= 0) & (row < grid.bins)
        for k in range(tiers):
            if shown[k]:
                take = inside & (tier[s] == k)
                by_tier[s, k] = np.bincount(row[take], mass[s][take], minlength=grid.bins)
    edges = np.append(candles.time_ms[columns], candles.end_ms[-1])
    return Density(
        edges,
        grid.edges,
        np.ascontiguousarray(matrix[0].T),
        np.ascontiguousarray(matrix[1].T),
        beyond[0],
        beyond[1],
        *(np.add.reduceat(x[first:], columns - first) for x in (*swept, *swept_quote)),
        long_by_tier_base=by_tier[0],
        short_by_tier_base=by_tier[1],
        prior_share=prior_share,
    )
