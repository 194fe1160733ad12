"""Every model and baseline against actual liquidations, from market files in a folder.

    python3 build.py bench --skill DIR

`VENUE_SYMBOL_5m.csv.gz`: candles with open interest at each bar's end (columns time_ms,
open, high, low, close, volume_base, open_interest_base; a missing value is `nan`; any
length of bar). `VENUE_liquidations_daily_COIN.csv`: date, long_usd, short_usd by UTC day.
Every table of totals is held against all candles of its coin. The table goes to standard
error, a figure a line to standard output; docs/explanation/accuracy.md says how to read them.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import liqmap
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import NoData
from liqmap.estimate.api import MODELS
from liqmap.evaluate import scorecard as score
from liqmap.evaluate.baselines import Sides
from liqmap.evaluate.bootstrap import DAY_MS, Score
from liqmap.evaluate.realised_share import ASSUMED, WHOSE, Share, Shares, measured_share
from liqmap.simulation import simulate
from liqmap.venues.registry import ADAPTERS
from tools.build.console import BuildError, say

WARM_UP_DAYS = 5
"""A book younger than this is mostly a guess about the time before."""
FEWEST_DAYS = 10
MONTH = 30
"""Days of a window over which expected and reported liquidations are compared."""
RESAMPLES = 2000
PRICE_BINS = 10
"""What is swept does not depend on the grid; a long period must fit into memory."""
DEMO_SEEDS = (1, 2, 3)
_CANDLES = re.compile(r"(?P<venue>.+?)_(?P<symbol>[^_]+)_\d+(m|h|d|min)(?![a-z0-9]).*")
_TOTALS = re.compile(r"(?P<venue>.+?)_liquidations_daily_(?P<coin>[^_]+)")
_QUOTES = "([-/]?(USDT|USDC|USD))?([-/]?(PERP|SWAP))?"

Figures = Iterator[tuple[str, float]]


@dataclass(frozen=True, eq=False, slots=True)
class Traded:
    """Candles of a market."""

    name: str
    venue: str
    symbol: str
    candles: Candles
    open_interest: OpenInterest

    @classmethod
    def read(cls, path: Path) -> Traded:
        name = _CANDLES.fullmatch(_stem(path))
        assert name
        table: Any = np.genfromtxt(path, delimiter=",", names=True, encoding="utf-8")
        names = ("time_ms", "open", "high", "low", "close", "volume_base")
        held = table["open_interest_base"]
        traded = np.all([np.isfinite(table[name]) for name in names], axis=0)
        candles = Candles(*(table[name][traded] for name in names))
        known = np.isfinite(held)
        end_ms = table["time_ms"] + candles.step_ms
        open_interest = OpenInterest(end_ms[known], held[known])
        return cls(_stem(path), name["venue"], name["symbol"], candles, open_interest)

    def is_of(self, coin: str) -> bool:
        """Thousands of a cheap coin are 1000PEPE or kPEPE."""
        plain = re.sub("^(1000|k(?=[A-Z]))", "", coin)
        pattern = f"(1000|k)?{re.escape(plain)}{_QUOTES}"
        return bool(re.fullmatch(pattern, self.symbol, re.IGNORECASE))


@dataclass(frozen=True, eq=False, slots=True)
class Liquidated:
    """Liquidated notional of a coin by day."""

    venue: str
    coin: str
    start_ms: Array
    quote: Sides

    @classmethod
    def read(cls, path: Path) -> Liquidated:
        name = _TOTALS.fullmatch(_stem(path))
        assert name
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = sorted(csv.DictReader(text.decode().splitlines()), key=lambda row: row["date"])
        start_ms = [np.datetime64(row["date"], "ms").astype(float) for row in rows]
        quote = [[float(row[name]) for row in rows] for name in ("long_usd", "short_usd")]
        return cls(name["venue"], name["coin"], np.array(start_ms), np.array(quote))


class Pair(NamedTuple):
    """Candles, totals, and the days they share."""

    traded: Traded
    liquidated: Liquidated
    days: Array
    actual: Sides

    @property
    def name(self) -> str:
        return f"{self.traded.name}_by_{self.liquidated.venue}"


def figures(folder: Path) -> Figures:
    """Rank correlations, lifts and dollars of each pair of files; then of simulated ones."""
    markets, totals = _files(folder)
    by_row: dict[str, list[float]] = defaultdict(list)
    for one in totals:
        suiting = [market for market in markets if market.is_of(one.coin)]
        if not suiting:
            say(f"{one.venue} {one.coin}: liquidations, but no candles with open interest")
        for market in suiting:
            pair = _joined(market, one)
            if pair:
                for name, value in _judged(pair, markets):
                    by_row[name].append(value)
                    yield f"skill_{pair.name}_{name}".lower(), value
    if any(len(values) > 1 for values in by_row.values()):
        for name, values in by_row.items():
            yield f"skill_mean_{name}", float(np.mean(values))
    yield from _simulated()


def _files(folder: Path) -> tuple[list[Traded], list[Liquidated]]:
    markets, totals = [], []
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")]):
        stem = _stem(path)
        if _TOTALS.fullmatch(stem):
            totals.append(Liquidated.read(path))
        elif _CANDLES.fullmatch(stem):
            markets.append(Traded.read(path))
        else:
            say(f"{path.name}: neither candles nor daily liquidations by its name, left out")
    if not totals or not markets:
        raise BuildError(
            f"{folder}: expected candles and daily liquidations (tests/bench/skill.py)."
        )
    return markets, totals


def _joined(market: Traded, totals: Liquidated) -> Pair | None:
    """The days that both know whole, after the book's first."""
    candles, day_ms = market.candles, DAY_MS
    starts = totals.start_ms
    begin, end = np.searchsorted(candles.time_ms, [starts, starts + day_ms])
    whole = (end - begin) * candles.step_ms >= 0.9 * day_ms
    whole &= starts >= candles.time_ms[0] + WARM_UP_DAYS * day_ms
    pair = Pair(market, totals, starts[whole], totals.quote[:, whole])
    if pair.days.size < FEWEST_DAYS:
        say(f"{pair.name}: {pair.days.size} days in common, too few")
        return None
    return pair


def _judged(pair: Pair, markets: list[Traded]) -> Figures:
    candles, held = pair.traded.candles, pair.traded.open_interest
    edges = np.arange(pair.days[0], pair.days[-1] + 1.5 * DAY_MS, DAY_MS)
    at = np.searchsorted(edges, pair.days)
    baselines = {
        name: all_[:, at] for name, all_ in score.baseline_totals(candles, held, edges).items()
    }
    say(f"{pair.name}: {pair.days.size} days from {np.datetime64(int(pair.days[0]), 'ms')!s:.10}")
    say(f"{'rank correlation':24}{'longs':>27}{'shorts':>27}")
    swept = {}
    for model in MODELS:
        density = liqmap.estimate(candles, held, model=model, price_bins=PRICE_BINS)
        swept[model] = score.swept_totals(density, edges)[:, at]
    found: dict[str, score.Comparison] = {
        model: score.compare(model, values, baselines, pair.actual, pair.days, resamples=RESAMPLES)
        for model, values in swept.items()
    }
    rows = [*(one.model for one in found.values()), *next(iter(found.values())).baselines]
    for row in rows:
        _tell(row)
        for side, one in (("long", row.long), ("short", row.short)):
            yield f"{side}_{_word(row.name)}_rank_ratio", one.value
    for model, against in found.items():
        _tell(against.lift._replace(name=f"{model} − best baseline"))
        for side, lift in (("long", against.lift.long), ("short", against.lift.short)):
            yield f"{side}_{model}_lift_ratio", lift.value
            yield f"{side}_{model}_lift_low_ratio", lift.low
        say(f"{'  both sides':24}{_said(against.lift_both)}")
        yield f"{model}_lift_ratio", against.lift_both.value
        yield f"{model}_lift_low_ratio", against.lift_both.low
    yield from _dollars(pair, swept["balance"], _open_interest_ratio(pair, markets))


def _dollars(pair: Pair, swept: Sides, ratio: float) -> Figures:
    """The share measured here, and expected liquidations over reported ones: all, by month."""
    assumed, passed = _assumed(pair.liquidated.venue), swept * ratio
    shares = np.array([assumed.long.value, assumed.short.value])
    for side, share, one, actual in zip(
        ("long", "short"), shares, passed, pair.actual, strict=True
    ):
        try:
            here = measured_share(one, actual, pair.days)
        except NoData as too_little:
            say(f"{side} share: {too_little}")
            continue
        yield f"{side}_expected_over_reported_ratio", share / here.value
        yield f"{side}_measured_share_ratio", here.value
        say(f"{side} share {_said(here)}; assumed {share:g}, {WHOSE[assumed.whose]}")
    if pair.actual.sum() > 0:
        yield "expected_over_reported_ratio", float((shares @ passed).sum() / pair.actual.sum())
    months = [slice(end - MONTH, end) for end in range(MONTH, pair.days.size + 1)]
    of_months = [
        float((shares @ passed[:, one]).sum() / pair.actual[:, one].sum())
        for one in months
        if pair.actual[:, one].sum() > 0
    ]
    if of_months:
        say(f"expected over reported, by {MONTH} days: {min(of_months):.2f} … {max(of_months):.2f}")
        yield "expected_over_reported_month_low_ratio", min(of_months)
        yield "expected_over_reported_month_high_ratio", max(of_months)


def _assumed(venue: str) -> Shares:
    """Of a venue that reports all of its liquidations its own; else as reported by all."""
    adapter = ADAPTERS.get(venue)
    return ASSUMED["this_venue" if adapter and adapter.reports_all else "all_exchanges"]


def _open_interest_ratio(pair: Pair, markets: list[Traded]) -> float:
    """Open interest of the venue that liquidated over that of the candles."""
    ours, theirs = pair.traded, pair.liquidated
    if ours.venue == theirs.venue:
        return 1.0
    others = [one for one in markets if one.venue == theirs.venue and one.is_of(theirs.coin)]
    if not others:
        say(
            f"no open interest of {theirs.venue}: amounts are held against {ours.venue}'s, unscaled"
        )
        return 1.0
    held = [float(np.median(one.open_interest.open_interest_base)) for one in (others[0], ours)]
    other = others[0].candles
    together = other.time_ms[0] <= pair.days[-1] and pair.days[0] <= other.time_ms[-1]
    when = "" if together else ", measured at another time"
    say(f"amounts scaled by open interest: {held[0]:,.0f} of {held[1]:,.0f} {theirs.coin}{when}")
    return held[0] / held[1]


def _simulated() -> Figures:
    """Hours and prices of simulated liquidations, which no venue publishes by the piece.

    The density itself is held against the true one in tests/bench/truth.py.
    """
    found: dict[str, list[float]] = defaultdict(list)
    for seed in DEMO_SEEDS:
        truth = simulate(seed, bars=2 * 2016)
        candles, held = truth.market.candles, truth.market.open_interest
        second_week = float(candles.time_ms[2016])
        for model in MODELS:
            density = liqmap.estimate(candles, held, model=model, first_ms=second_week)
            card = score.scorecard(
                candles,
                held,
                density,
                truth.liquidations,
                start_ms=second_week,
                end_ms=float(candles.end_ms[-1]),
                name=model,
            )
            if card.lift:
                found[f"{model}_hourly_lift_ratio"] += [card.lift.long.value, card.lift.short.value]
            for row in card.by_price:
                name = f"{model}_by_price_{_word(row.name)}_ratio"
                found[name] += [row.long.value, row.short.value]
    for name, values in found.items():
        yield f"skill_demo_{name}", float(np.mean(values))


def _tell(row: score.Row) -> None:
    say(f"{row.name:24}{_said(row.long)}{_said(row.short)}")


def _said(one: Score | Share) -> str:
    return f"{one.value:>9.3f} ({one.low:+.3f} … {one.high:+.3f})"


def _word(name: str) -> str:
    return "_".join(re.findall("[a-z]+", name.lower()))


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".csv")
