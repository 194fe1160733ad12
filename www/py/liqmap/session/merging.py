"""Several venues as one: the same coin, the same grid, one sum and its parts.

Each venue is estimated on its own, with its own open interest and margin rules; only the
densities are added. Dollars are dollars here: USD, USDT and USDC count as the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.data.positions import Positions
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.data.symbols import scale_of
from liqmap.errors import InputError
from liqmap.estimate.density import Density, Matrix


def in_units_of(market: Market, coin: str) -> Market:
    """The same market with prices and quantities per `coin`: PEPE as 1000PEPE."""
    have, plain = scale_of(market.instrument.base_coin)
    want, same = scale_of(coin)
    if plain != same:
        raise InputError(f"{market.instrument.name}: not a market of {coin}.")
    if have == want:
        return market
    factor = want / have
    held = market.open_interest
    return replace(
        market,
        candles=_rescaled(market.candles, factor),
        before=None if market.before is None else _rescaled(market.before, factor),
        mark=None if market.mark is None else _rescaled(market.mark, factor),
        open_interest=OpenInterest(held.time_ms, held.open_interest_base / factor),
    )


def liquidations_in_units_of(seen: Liquidations, have: str, want: str) -> Liquidations:
    """Liquidations of a contract on the coin `have`, per `want`."""
    factor = scale_of(want)[0] / scale_of(have)[0]
    if factor == 1 or not len(seen):
        return seen
    return Liquidations(
        seen.time_ms, seen.position_side, seen.price * factor, seen.quantity_base / factor
    )


def positions_in_units_of(held: Positions, have: str, want: str) -> Positions:
    """Positions in a contract on the coin `have`, per `want`."""
    factor = scale_of(want)[0] / scale_of(have)[0]
    if factor == 1:
        return held
    return replace(
        held,
        quantity_base=held.quantity_base / factor,
        entry_price=held.entry_price * factor,
        liquidation_price=held.liquidation_price * factor,
        held_long_base=held.held_long_base / factor,
        held_short_base=held.held_short_base / factor,
    )


def _rescaled(bars: Candles, factor: float) -> Candles:
    taker = None if bars.taker_buy_base is None else bars.taker_buy_base / factor
    return Candles(
        bars.time_ms,
        bars.open * factor,
        bars.high * factor,
        bars.low * factor,
        bars.close * factor,
        bars.volume_base / factor,
        taker,
        bars.step_ms,
    )


def merged(parts: Mapping[str, Density]) -> Density:
    """The sum of densities on one price grid, over the time that all of them cover.

    Columns are those of the venue that has most. Another's column is its last one that
    opens no later, so a gap of one venue keeps its book; what was swept is added where it
    happened.

    Raises
    ------
    InputError
        Nothing to merge, different price grids, or no common time.
    """
    if not parts:
        raise InputError("merged: no density.")
    several = list(parts.values())
    leader = max(several, key=lambda one: one.time_edges_ms.size)
    if not all(np.array_equal(one.price_edges, leader.price_edges) for one in several):
        raise InputError("merged: the price grids differ.")
    opens_ms, ends_ms = leader.time_edges_ms[:-1], leader.time_edges_ms[1:]
    first_ms = max(float(one.time_edges_ms[0]) for one in several)
    last_ms = min(float(one.time_edges_ms[-1]) for one in several)
    covered = (opens_ms >= first_ms) & (opens_ms < last_ms)
    if not covered.any():
        raise InputError("merged: the venues have no time in common.")
    opens_ms, end_ms = opens_ms[covered], float(ends_ms[covered][-1])
    column = [
        np.searchsorted(one.time_edges_ms[:-1], opens_ms, side="right") - 1 for one in several
    ]

    def books(name: str) -> Matrix:
        total = np.zeros((leader.price_edges.size - 1, opens_ms.size), np.float32)
        for one, at in zip(several, column, strict=True):
            total += getattr(one, name)[:, at]
        return total

    def swept(name: str) -> Array:
        total = np.zeros(opens_ms.size)
        for one in several:
            opened_ms = one.time_edges_ms[:-1]
            inside = (opened_ms >= opens_ms[0]) & (opened_ms < end_ms)
            at = np.searchsorted(opens_ms, opened_ms[inside], side="right") - 1
            np.add.at(total, at, getattr(one, name)[inside])
        return total

    beyond_long_base, beyond_short_base, held_base, prior_base = np.zeros((4, opens_ms.size))
    for one, at in zip(several, column, strict=True):
        beyond_long_base += one.beyond_long_base[at]
        beyond_short_base += one.beyond_short_base[at]
        held = one.long_base.sum(axis=0, dtype=np.float64)[at] + one.beyond_long_base[at]
        held_base += held
        prior_base += held * one.prior_share[at]

    total = Density(
        np.append(opens_ms, end_ms),
        leader.price_edges,
        books("long_base"),
        books("short_base"),
        beyond_long_base,
        beyond_short_base,
        swept("swept_long_base"),
        swept("swept_short_base"),
        swept("swept_long_quote"),
        swept("swept_short_quote"),
        prior_share=prior_base / np.maximum(held_base, 1e-300),
    )
    if not all(np.array_equal(one.leverages, leader.leverages) for one in several):
        return total
    return replace(
        total,
        leverages=leader.leverages,
        long_by_leverage_base=np.sum([one.long_by_leverage_base for one in several], axis=0),
        short_by_leverage_base=np.sum([one.short_by_leverage_base for one in several], axis=0),
    )
