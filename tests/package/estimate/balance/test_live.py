"""A book that goes on is, bit by bit, the one that is made anew."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.api import Live
from liqmap.estimate.balance.book import Book
from liqmap.estimate.balance.live import OPEN, REPLAYED
from liqmap.estimate.density import Density
from liqmap.estimate.inputs import Bars
from tests.support.random_markets import Drawn, markets

SPAN = (50.0, 200.0)
NUMBERS = [field.name for field in fields(Density) if field.name != "settled"]


def assert_same(one: Density, other: Density) -> None:
    for name in NUMBERS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def half_done(candles: Candles) -> Candles:
    """The last bar as it was before it ended."""
    last = np.arange(len(candles)) == len(candles) - 1
    close = np.where(last, candles.open, candles.close)
    return replace(
        candles,
        close=close,
        high=np.where(last, close, candles.high),
        low=np.where(last, close, candles.low),
        volume_base=np.where(last, 0.3, 1.0) * candles.volume_base,
    )


def entries_along_market(bars: int) -> tuple[Candles, OpenInterest]:
    random = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(0.003 * random.standard_normal(bars)))
    time = 300_000.0 * np.arange(float(bars))
    candles = Candles(
        time, close, close * 1.002, close * 0.998, close, random.exponential(90, bars)
    )
    held = 1_000 + 200 * np.sin(np.arange(bars) / 20)
    return candles, OpenInterest(candles.end_ms, held)


@settings(deadline=None, max_examples=40)
@given(markets(90), st.integers(1, 30), st.sampled_from([1, 6, 30]), st.integers(0, 2**32 - 1))
def test_every_update_is_a_full_run_to_the_last_bit(
    market: Drawn, begin: int, every: int, seed: int
) -> None:
    """Bars come one or many at a time; the last is half done, and its open interest late."""
    candles, samples, mark = market
    random = np.random.default_rng(seed)
    bars = min(begin, len(candles))
    first_ms = float(candles.time_ms[bars // 2])
    fine = {"price_bins": 400, "price_range": (85.0, 115.0)}  # two rows a position
    options = {**fine, "every": every, "first_ms": first_ms}
    live = None
    while True:
        now = candles.rows(slice(bars))
        late = (
            int(np.searchsorted(samples.time_ms, now.end_ms[-1])) if random.random() < 0.5 else None
        )
        known = OpenInterest(samples.time_ms[:late], samples.open_interest_base[:late])
        if random.random() < 0.7:
            now = half_done(now)
        if live is None:
            live = Live(now, known, mark=mark, **options)  # type: ignore[arg-type]
        else:
            live.update(now, known, mark)
        full = liqmap.estimate(now, known, mark=mark, **options)  # type: ignore[arg-type]
        assert_same(live.density, full)
        if bars == len(candles):
            break
        bars = min(bars + int(random.choice([0, 1, 1, 2, 20])), len(candles))


def test_what_was_handed_out_keeps_its_ended_columns() -> None:
    """Over many updates, through every enlargement of the shared memory."""
    candles, samples = entries_along_market(300)
    live = Live(candles.rows(slice(100)), samples, price_bins=40, price_range=SPAN)
    kept = []
    for bars in range(100, 301):
        one = live.update(half_done(candles.rows(slice(bars))), samples)
        if bars % 10 == 0:
            own = {name: np.copy(getattr(one, name)) for name in NUMBERS}
            kept.append((bars, one, own))
    for bars, one, own in kept:
        for name in ("long_base", "short_base"):
            ended = slice(bars - 1)
            np.testing.assert_array_equal(getattr(one, name)[:, ended], own.pop(name)[:, ended])
        for name, values in own.items():
            np.testing.assert_array_equal(getattr(one, name), values, err_msg=name)
    with pytest.raises(ValueError, match="read-only"):
        live.density.long_base[0, 0] = 1


def test_an_update_lives_through_few_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    candles, samples = entries_along_market(200)
    lived: list[int] = []
    advance = Book.advance

    def counted(self: Book, bars: Bars, raster: object) -> None:
        lived.append(bars.close.size)
        advance(self, bars, raster)  # type: ignore[arg-type]

    monkeypatch.setattr(Book, "advance", counted)

    def known(bars: int) -> OpenInterest:
        return OpenInterest(samples.time_ms[:bars], samples.open_interest_base[:bars])

    live = Live(candles.rows(slice(120)), known(120), price_bins=20, price_range=SPAN)
    assert sum(lived) == 120
    for bars in range(121, 201):
        lived.clear()
        live.update(candles.rows(slice(bars)), known(bars))
        assert sum(lived) <= REPLAYED + 1


@pytest.mark.parametrize(
    "change", ["bar", "volume", "interest", "mark", "no mark", "fewer", "earlier", "later start"]
)
def test_another_past_makes_the_book_anew(change: str) -> None:
    """On the same grid and from the same first column."""
    candles, samples = entries_along_market(80)
    mark: Candles | None = replace(candles, low=0.98 * candles.low)
    options = {"price_bins": 30, "first_ms": float(candles.time_ms[20])}
    live = Live(candles.rows(slice(70)), samples, mark=mark, **options)  # type: ignore[arg-type]
    span = (float(live.density.price_edges[0]), float(live.density.price_edges[-1]))
    row = np.arange(80) == 30
    if change == "bar":
        candles = replace(candles, low=np.where(row, 0.9, 1) * candles.low)
    elif change == "volume":
        candles = replace(candles, volume_base=np.where(row, 2, 1) * candles.volume_base)
    elif change == "interest":
        samples = OpenInterest(samples.time_ms, np.where(row, 900, samples.open_interest_base))
    elif change == "mark":
        mark = replace(candles, low=np.where(row, 0.9, 1) * candles.low)
    elif change == "no mark":
        mark = None
    elif change == "fewer":
        candles = candles.rows(slice(50))
    elif change == "earlier":
        candles = candles.rows(~row)
    else:
        candles = candles.rows(slice(5, None))
    found = live.update(candles, samples, mark)
    full = liqmap.estimate(candles, samples, mark=mark, price_range=span, **options)  # type: ignore[arg-type]
    assert_same(found, full)


def test_the_first_column_stays_when_more_history_comes() -> None:
    candles, samples = entries_along_market(80)
    live = Live(candles.rows(slice(20, 70)), samples, price_bins=30, price_range=SPAN)
    found = live.update(candles, samples)
    assert found.time_edges_ms[0] == candles.time_ms[20]
    full = liqmap.estimate(
        candles, samples, price_bins=30, price_range=SPAN, first_ms=float(candles.time_ms[20])
    )
    assert_same(found, full)


def test_a_wrong_update_leaves_the_book_as_it_was() -> None:
    candles, samples = entries_along_market(60)
    live = Live(candles.rows(slice(50)), samples, price_bins=30, price_range=SPAN)
    with pytest.raises(InputError):
        live.update(candles, OpenInterest(np.zeros(0), np.zeros(0)))
    full = liqmap.estimate(candles, samples, price_bins=30, price_range=SPAN)
    assert_same(live.update(candles, samples), full)


def test_the_bar_before_the_last_may_still_change() -> None:
    """Its open interest comes late; nothing is made anew."""
    candles, samples = entries_along_market(60)
    live = Live(candles.rows(slice(59)), samples, price_bins=30, price_range=SPAN)
    raster = live._raster
    changed = samples.open_interest_base + 50 * (np.arange(60) >= 60 - OPEN)
    now = OpenInterest(samples.time_ms, changed)
    found = live.update(candles, now)
    assert live._raster is raster
    assert_same(found, liqmap.estimate(candles, now, price_bins=30, price_range=SPAN))
