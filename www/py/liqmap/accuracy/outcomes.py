"""Outcomes: what a day made of a claim, beside rules that know nothing of positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import nan
from pathlib import Path

import numpy as np

from liqmap.accuracy import claims
from liqmap.accuracy.claims import DAY_MS, Claim
from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Array, Candles
from liqmap.errors import LiqmapError
from liqmap.evaluate.bootstrap import rank_correlation
from liqmap.feed.tape import Span
from liqmap.files import table
from liqmap.files.table import Table
from liqmap.loading import load
from liqmap.record.tapes import read_tape

FEWEST_BINS = 10
"""Of fewer bins that the price has reached, no order is told."""
LONGEST_DAYS = 60.0
"""Older days are not judged any more: venues keep no bars of five minutes for ever."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A day: all amounts in quote coin, longs below the claim's price and shorts above it.

    Attributes
    ----------
    day : str
        UTC.
    made_ms : float
        When the claim was made.
    price, low_price, high_price : float
        At the claim, and how far the day went.
    claimed_long_quote, claimed_short_quote : float
        Claimed exposure that the price reached.
    happened_long_quote, happened_short_quote : float
        Liquidations heard, of all prices.
    moved_long_quote, moved_short_quote : float
        The rule: how far the price went to that side, as a fraction, × open interest.
    by_price_long, by_price_short : float
        Rank correlation, among the bins reached, of claimed and liquidated; NaN where too little
        was reached or liquidated.
    watched : float
        Part of the day that was listened to.
    """

    day: str
    made_ms: float
    price: float
    low_price: float
    high_price: float
    claimed_long_quote: float
    claimed_short_quote: float
    happened_long_quote: float
    happened_short_quote: float
    moved_long_quote: float
    moved_short_quote: float
    by_price_long: float
    by_price_short: float
    watched: float


def outcome(
    claim: Claim, bars: Candles, happened: Liquidations, watched: tuple[Span, ...]
) -> Outcome:
    """What a day made of a claim.

    Parameters
    ----------
    claim : Claim
    bars : Candles
        Of that day, one at least.
    happened : Liquidations
        Of that day.
    watched : tuple of (start, end)
        When it was listened to [ms].
    """
    low, high = float(bars.low.min()), float(bars.high.max())
    edges, start_ms, end_ms = claim.price_edges, claim.day_ms, claim.day_ms + DAY_MS
    reached = {1: edges[1:] > low, -1: edges[:-1] < high}
    quote = {1: claim.long_quote, -1: claim.short_quote}
    heard = {side: happened.rows(happened.position_side == side) for side in (1, -1)}
    claimed = {side: float(quote[side][reached[side]].sum()) for side in (1, -1)}
    total = {side: float(heard[side].quantity_quote.sum()) for side in (1, -1)}
    went = {1: max(0.0, 1 - low / claim.price), -1: max(0.0, high / claim.price - 1)}
    by_price = {side: _by_price(edges, quote[side], reached[side], heard[side]) for side in (1, -1)}
    listened_ms = sum(max(0.0, min(end, end_ms) - max(start, start_ms)) for start, end in watched)
    return Outcome(
        claims.day_of(claim.day_ms),
        claim.made_ms,
        claim.price,
        low,
        high,
        claimed[1],
        claimed[-1],
        total[1],
        total[-1],
        went[1] * claim.open_interest_quote,
        went[-1] * claim.open_interest_quote,
        by_price[1],
        by_price[-1],
        listened_ms / DAY_MS,
    )


def _by_price(
    edges: Array,
    quote: Array,
    reached: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    heard: Liquidations,
) -> float:
    """Rank correlation of claimed and liquidated over the bins that the price has reached."""
    rows = reached & (quote > 0)
    found, _ = np.histogram(heard.price, edges, weights=heard.quantity_quote)
    if rows.sum() < FEWEST_BINS or not found[rows].any():
        return nan
    return rank_correlation(quote[rows], found[rows])


def judge_all(
    folder: Path, now_ms: float, *, origins: Mapping[str, str] | None = None
) -> tuple[int, list[str]]:
    """Outcomes of all days that have ended and are not judged yet.

    Returns
    -------
    judged : int
        Days judged now.
    failed : list of str
        A sentence for each contract whose bars cannot be read; it is tried again next time.
    """
    judged, failed = 0, []
    for contract in sorted((folder / "claims").glob("*/*")):
        venue, name = contract.parts[-2:]
        known = {one.day for one in read(folder, venue, name)}
        due = [
            path
            for path in sorted(contract.glob("*.parquet"))
            if path.stem not in known and _ended(path, now_ms)
        ]
        if not due:
            continue
        try:
            judged += _judge(folder, venue, name, due, now_ms, origins)
        except LiqmapError as error:
            failed.append(f"{venue} {name}: {error}")
    return judged, failed


def _ended(path: Path, now_ms: float) -> bool:
    day_ms = float(np.datetime64(path.stem, "ms").astype(np.int64))
    return day_ms + DAY_MS <= now_ms <= day_ms + LONGEST_DAYS * DAY_MS


def _judge(
    folder: Path,
    venue: str,
    name: str,
    due: list[Path],
    now_ms: float,
    origins: Mapping[str, str] | None,
) -> int:
    days = [claims.read(path) for path in due]
    tape = read_tape(folder / "tape")
    since_ms = min(one.day_ms for one in days)
    market = load(venue, name, days=(now_ms - since_ms) / DAY_MS + 1, origins=origins)
    bars, watched = market.candles, tape.watched(venue, name)
    found = []
    for one in days:
        own = bars.rows((bars.time_ms >= one.day_ms) & (bars.time_ms < one.day_ms + DAY_MS))
        if len(own):
            happened = tape.of(name, venue, one.day_ms, one.day_ms + DAY_MS)
            found.append(outcome(one, own, happened, watched))
    write(folder, venue, name, [*read(folder, venue, name), *found])
    return len(found)


def read(folder: Path, venue: str, name: str) -> list[Outcome]:
    """The outcomes of a contract, oldest first; none where there are none yet."""
    path = _path(folder, venue, name)
    if not path.exists():
        return []
    held = table.read(str(path))
    columns = {"day": held.words("day")} | {
        one.name: held.numbers(one.name).tolist() for one in fields(Outcome) if one.name != "day"
    }
    rows = zip(*(columns[one.name] for one in fields(Outcome)), strict=True)
    return [Outcome(*row) for row in rows]


def write(folder: Path, venue: str, name: str, found: list[Outcome]) -> None:
    """Keep the outcomes of a contract, oldest first."""
    rows = sorted((asdict(one) for one in found), key=lambda row: str(row["day"]))
    columns: dict[str, table.Column] = {"day": [row["day"] for row in rows]}
    columns |= {
        one.name: np.array([row[one.name] for row in rows], dtype=np.float64)
        for one in fields(Outcome)
        if one.name != "day"
    }
    table.write(str(_path(folder, venue, name)), Table(columns))


def _path(folder: Path, venue: str, name: str) -> Path:
    return folder / "outcomes" / venue / f"{name}.parquet"
