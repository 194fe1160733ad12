"""A month in numbers is what the estimate and the scorecard say of its bars."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from liqmap.analysis.clusters import largest_clusters
from liqmap.batch.inputs import path_of, windows, write_months
from liqmap.batch.task import Settings, summarised
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.data.series import Candles
from liqmap.errors import InputError
from liqmap.estimate.api import estimate
from liqmap.evaluate.bootstrap import DAY_MS, HOUR_MS
from liqmap.evaluate.scorecard import scorecard
from liqmap.files.liquidations import write_liquidations
from liqmap.simulation import simulate
from tests.support.markets import market

MARCH_MS = 1_772_323_200_000.0


class Simulated(NamedTuple):
    """A week that begins four days before March, and where it lies."""

    root: str
    market: Market
    liquidations: Liquidations


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    root = str(tmp_path_factory.mktemp("root"))
    made, back_ms = simulate(1), -4 * DAY_MS
    bars, samples = made.market.candles, made.market.open_interest
    bars = replace(bars, time_ms=bars.time_ms + back_ms, end_ms=bars.end_ms + back_ms)
    samples = replace(samples, time_ms=samples.time_ms + back_ms)
    known = replace(made.liquidations, time_ms=made.liquidations.time_ms + back_ms)
    whole = replace(made.market, candles=bars, open_interest=samples)
    write_months(root, whole, known)
    return Simulated(root, whole, known)


def test_a_month_is_what_estimate_and_scorecard_say(week: Simulated) -> None:
    settings = Settings(price_bins=200, warm_up_days=2)
    february, march = (summarised(one, settings) for one in windows(week.root))

    bars, samples = week.market.candles, week.market.open_interest
    fine = bars.time_ms >= MARCH_MS - 2 * DAY_MS
    warmed = Candles.joined(bars.rows(~fine).gathered(HOUR_MS), bars.rows(fine))
    density = estimate(warmed, samples, price_bins=200, every=12, first_ms=MARCH_MS)
    end_ms, close = float(bars.end_ms[-1]), float(bars.close[-1])
    card = scorecard(warmed, samples, density, week.liquidations, start_ms=MARCH_MS, end_ms=end_ms)
    assert card.lift

    assert (march.month, march.bars, march.warm_up_bars) == ("2026-03", 3 * 288, 2 * 288 + 2 * 24)
    assert (march.start_ms, march.end_ms, march.step_ms) == (MARCH_MS, end_ms, 300_000)
    assert march.swept_long_quote == pytest.approx(density.swept_long_quote.sum(), rel=1e-12)
    assert march.swept_short_quote == pytest.approx(density.swept_short_quote.sum(), rel=1e-12)
    assert march.waiting_long_quote == pytest.approx(density.long_quote[:, -1].sum(), rel=1e-5)
    assert march.rank_long == card.rows[0].long.value
    assert march.rank_short == card.rows[0].short.value
    lifts = (march.lift_long, march.lift_long_low, march.lift_long_high)
    assert lifts == card.lift.long
    assert (march.lift_short, march.lift_short_low, march.lift_short_high) == card.lift.short
    assert march.verdict == card.verdict
    seen = week.liquidations.rows(week.liquidations.time_ms >= MARCH_MS)
    shorts = seen.rows(seen.position_side < 0)
    assert march.liquidated_short_quote == pytest.approx(shorts.quantity_quote.sum())
    largest = {one.position_side: one for one in largest_clusters(density, close, 2)}
    assert march.long_cluster_price == largest[1].price
    assert march.short_cluster_quote == largest[-1].amount_quote
    assert march.open_interest_quote == samples.open_interest_base[-1] * close
    assert (february.month, february.bars, february.warm_up_bars) == ("2026-02", 4 * 288, 0)
    assert february.end_ms == MARCH_MS


def test_a_cold_book_has_swept_something_else(week: Simulated) -> None:
    """The month before matters, and so does how much of it fills the book bar by bar."""
    march = windows(week.root)[1]
    few = Settings(price_bins=50)
    swept = {
        summarised(one, settings).swept_long_quote
        for one in (march, replace(march, before=""))
        for settings in (few, replace(few, warm_up_days=1.0))
    }
    assert len(swept) == 3, "a book without a month before does not know of the setting"


def test_what_is_not_known_is_no_number(tmp_path: Path) -> None:
    write_months(str(tmp_path), market())
    (window,) = windows(str(tmp_path))
    found = summarised(window, Settings(price_bins=50))
    assert np.isnan([found.rank_long, found.lift_short, found.liquidated_long_quote]).all()
    assert found.verdict == ""


def test_a_month_without_liquidations_is_not_one_where_they_are_not_known(tmp_path: Path) -> None:
    write_months(str(tmp_path), market(), Liquidations.joined([]))
    (window,) = windows(str(tmp_path))
    found = summarised(window, Settings(price_bins=50))
    assert (found.liquidated_long_quote, found.liquidated_short_quote) == (0, 0)
    assert np.isnan(found.rank_long)
    assert found.verdict == "Too early to say."


def test_a_file_at_the_wrong_place_is_said(tmp_path: Path) -> None:
    root = str(tmp_path)
    (path,) = write_months(root, market())
    wrong = Path(path_of(root, "markets", "bybit", "BTC-USDT-PERP", "1970-03"))
    wrong.write_bytes(Path(path).read_bytes())
    with pytest.raises(InputError, match="holds bars of another time than 1970-03"):
        summarised(windows(root)[1], Settings())
    other = path_of(root, "liquidations", "bybit", "BTC-USDT-PERP", "1970-01")
    one = Liquidations.sorted([1], [1], [100], [1])
    write_liquidations(other, {("okx", "BTC-USDT-PERP"): one})
    with pytest.raises(InputError, match="of another contract"):
        summarised(windows(root)[0], Settings())


def test_an_unknown_model_is_said_before_anything_runs() -> None:
    with pytest.raises(InputError, match="expected one of balance"):
        Settings(model="magic")
