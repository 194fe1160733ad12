"""Months of contracts are found by their paths, and known again by what their files are."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from liqmap.batch.inputs import month_ms, windows, write_months
from liqmap.data.liquidations import Liquidations
from liqmap.errors import InputError
from liqmap.files.liquidations import read_liquidations
from liqmap.files.markets import read_market
from tests.support.markets import STEP_MS, market

DAYS = 31 * 288


@pytest.mark.parametrize("where", ["here", "memory://batch_inputs"])
def test_a_market_is_written_and_found_by_months(where: str, tmp_path: Path) -> None:
    root = str(tmp_path) if where == "here" else where
    end_of_january_ms = month_ms("1970-01")[1]
    known = Liquidations.sorted(
        [end_of_january_ms - 1, end_of_january_ms], [1, -1], [100, 101], [2, 3]
    )
    whole = market(more=DAYS)
    write_months(root, whole, known)
    write_months(root, market(symbol="ETH-USDT-PERP", venue="okx"))
    january, february, other = windows(root)
    assert january.name == "bybit/BTC-USDT-PERP/1970-01"
    assert other.name == "okx/ETH-USDT-PERP/1970-01"
    assert (january.before, february.before) == ("", january.market)
    assert other.liquidations == ""

    one, two = (read_market(each.market) for each in (january, february))
    assert one.candles.end_ms[-1] == two.candles.time_ms[0] == end_of_january_ms
    joined = np.concatenate([one.candles.close, two.candles.close])
    np.testing.assert_array_equal(joined, whole.candles.close)
    samples = [each.open_interest.open_interest_base for each in (one, two)]
    np.testing.assert_array_equal(np.concatenate(samples), whole.open_interest.open_interest_base)
    tapes = [read_liquidations(each.liquidations) for each in (january, february)]
    assert [tape["bybit", "BTC-USDT-PERP"].price.tolist() for tape in tapes] == [[100], [101]]


def test_longer_bars_before_stay_with_the_first_month(tmp_path: Path) -> None:
    whole = market(more=DAYS)
    first, rest = whole.candles.rows(slice(24)), whole.candles.rows(slice(24, None))
    whole = replace(whole, candles=rest, before=first.gathered(12 * STEP_MS))
    write_months(str(tmp_path), whole)
    one, two = (read_market(each.market) for each in windows(str(tmp_path)))
    assert one.before is not None
    assert one.before.time_ms.tolist() == [0, 12 * STEP_MS]
    assert two.before is None


def test_a_stamp_tells_of_each_file_that_a_month_is_made_of(tmp_path: Path) -> None:
    paths = write_months(str(tmp_path), market(more=DAYS), Liquidations.joined([]))
    stamps = [[one.stamp for one in windows(str(tmp_path))]]
    for number, path in enumerate(paths):
        os.utime(path, (number, number))
        stamps.append([one.stamp for one in windows(str(tmp_path))])
    changed = [
        [one != other for one, other in zip(before, after, strict=True)]
        for before, after in pairwise(stamps)
    ]
    # January's market is in both months, every other file in its own.
    assert changed == [[True, True], [True, False], [False, True], [False, True]]


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no markets.*month=YYYY-MM\.parquet"):
        windows(str(tmp_path / "nowhere"))
    write_months(str(tmp_path), market())
    (path,) = tmp_path.rglob("*.parquet")
    path.rename(path.with_name("month=1970-13.parquet"))
    with pytest.raises(InputError, match="holds no markets"):
        windows(str(tmp_path))
