"""Markets, liquidations and densities come back from a file as they were written."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest

from liqmap import simulation
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import MaintenanceTiers, Market
from liqmap.data.series import Candles
from liqmap.errors import InputError
from liqmap.estimate.api import estimate
from liqmap.files import table
from liqmap.files.densities import write_density
from liqmap.files.liquidations import read_liquidations, write_liquidations
from liqmap.files.markets import read_market, write_market
from tests.support.markets import STEP_MS, market

KINDS = ("a.parquet", "a.csv", "a.csv.gz")


def full() -> Market:
    """A market that has everything: mark prices, takers, tiers, longer bars before."""
    one = market()
    bars = one.candles
    takers = replace(bars, taker_buy_base=bars.volume_base / 3)
    mark = Candles(bars.time_ms, bars.open, bars.high, bars.low, bars.close, 0 * bars.volume_base)
    hours = STEP_MS * 12 * np.arange(-20.0, 0.0)
    flat = np.full(20, 101.5)
    before = Candles(hours, flat, flat, flat, flat, flat, flat / 2)
    caps, rates = np.array([1e5, np.inf]), np.array([0.004, 0.01])
    tiers = MaintenanceTiers(caps, rates, np.array([0.0, 600.0]), "entry")
    return replace(
        one, candles=takers, mark=mark, before=before, maintenance=tiers, notices=("Cut.",)
    )


def same(one: Candles | None, other: Candles | None) -> None:
    assert one is not None
    assert other is not None
    for name in ("time_ms", "open", "high", "low", "close", "volume_base", "end_ms"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    if one.taker_buy_base is not None:
        assert other.taker_buy_base is not None
        np.testing.assert_array_equal(one.taker_buy_base, other.taker_buy_base)
    assert one.step_ms == other.step_ms


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", ["here", "memory://markets"])
def test_a_market_comes_back(kind: str, where: str, tmp_path: Path) -> None:
    path = f"{tmp_path if where == 'here' else where}/new/{kind}"
    written = full()
    write_market(path, written)
    read = read_market(path, venue="bybit")
    same(written.candles, read.candles)
    same(written.before, read.before)
    same(written.mark, read.mark)
    np.testing.assert_array_equal(
        read.open_interest.open_interest_base, written.open_interest.open_interest_base
    )
    np.testing.assert_array_equal(read.open_interest.time_ms, written.open_interest.time_ms)
    assert read.instrument.name == "BTC-USDT-PERP"
    if kind == "a.parquet":
        assert read.instrument == written.instrument
        assert read.notices == ("Cut.",)
        assert read.maintenance is not None
        assert read.maintenance.notional_cap_quote.tolist() == [1e5, np.inf]
        assert read.maintenance.rule == "entry"


def test_a_name_says_whose_market_it_is_and_the_caller_knows_better(tmp_path: Path) -> None:
    path = str(tmp_path / "okx_ETHUSDC_5m.csv.gz")
    write_market(path, market())
    read = read_market(path)
    assert (read.venue, read.instrument.name) == ("okx", "ETH-USDC-PERP")
    read = read_market(path, venue="bybit", symbol="SOL-USDT-PERP")
    assert (read.venue, read.instrument.base_coin) == ("bybit", "SOL")
    nameless = str(tmp_path / "mine.csv")
    write_market(nameless, market())
    assert read_market(nameless).venue == "file"


def test_a_simulated_market_stays_simulated(tmp_path: Path) -> None:
    path = str(tmp_path / "market.parquet")
    write_market(path, simulation.simulate(1).market)
    assert read_market(path).simulated


def test_rows_without_trades_are_gaps_and_missing_samples_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text(
        "time_ms,open,high,low,close,volume_base,open_interest_base,mark_price\n"
        "0,1.0,2.0,1.0,2.0,5.0,nan,1\n300000,nan,nan,nan,nan,0,70,1\n600000,2,2,2,2,1,,1\n"
    )
    read = read_market(str(path))
    assert read.candles.time_ms.tolist() == [0, 600_000]
    assert read.open_interest.time_ms.tolist() == [600_000]
    assert read.open_interest.open_interest_base.tolist() == [70]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"time_ms,open\n1,2\n", "no column high"),
        (b"", "it is empty"),
        (b"time_ms,open\n1\n", "row 2 has not 2 cells"),
        (b"\xff\xfe", "damaged, or no csv file"),
    ],
)
def test_a_file_that_is_no_market_says_why(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        read_market(str(path))


@pytest.mark.parametrize("name", ["cut.parquet", "cut.csv.gz"])
def test_half_a_file_is_damaged(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_market(str(path), market())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="is damaged"):
        read_market(str(path))


def test_an_unknown_ending_or_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.csv"):
        write_market(str(tmp_path / "a.xlsx"), market())
    with pytest.raises(InputError, match="cannot be read"):
        read_market(str(tmp_path / "missing.csv"))


def test_a_write_that_breaks_off_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.csv"
    write_market(str(path), market())
    before = path.read_bytes()
    opened = fsspec.implementations.local.LocalFileSystem._open

    def broken(self: Any, path: str, mode: str, **kw: Any) -> Any:
        file = opened(self, path, mode, **kw)
        if "w" in mode:
            file.write(b"half")
            raise OSError("the disk is full")
        return file

    monkeypatch.setattr(fsspec.implementations.local.LocalFileSystem, "_open", broken)
    with pytest.raises(InputError, match="disk is full"):
        write_market(str(path), market(more=5))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["kept.csv"], "no half file beside it"


def test_two_writes_are_the_same_bytes(tmp_path: Path) -> None:
    for kind in KINDS:
        path = tmp_path / kind
        write_market(str(path), full())
        first = path.read_bytes()
        write_market(str(path), full())
        assert path.read_bytes() == first


def test_a_csv_holds_the_shortest_numbers(tmp_path: Path) -> None:
    path = tmp_path / "short.csv.gz"
    write_market(str(path), market())
    rows = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert rows[0] == "time_ms,open,high,low,close,volume_base,open_interest_base"
    assert rows[1] == "0,100,100.2,99.8,100,10,1000"
    assert rows[2].startswith("300000,100.02499739591471,")


@pytest.mark.parametrize("kind", KINDS)
def test_liquidations_come_back_by_contract(kind: str, tmp_path: Path) -> None:
    path = str(tmp_path / kind)
    btc = Liquidations.sorted([3, 1], [1, -1], [90_000.5, 91_000], [0.25, 1])
    eth = Liquidations.sorted([2], [1], [3_000], [4])
    tapes = {("bybit", "BTC-USDT-PERP"): btc, ("okx", "ETH-USDT-PERP"): eth}
    write_liquidations(path, tapes)
    read = read_liquidations(path)
    assert list(read) == list(tapes)
    assert read["bybit", "BTC-USDT-PERP"].time_ms.tolist() == [1, 3]
    assert read["bybit", "BTC-USDT-PERP"].price.tolist() == [91_000, 90_000.5]
    assert read["okx", "ETH-USDT-PERP"].quantity_base.tolist() == [4]


def test_no_liquidations_are_a_table_without_rows(tmp_path: Path) -> None:
    for kind in KINDS:
        write_liquidations(str(tmp_path / kind), {})
        assert read_liquidations(str(tmp_path / kind)) == {}


def test_a_density_is_written_bin_by_bin(tmp_path: Path) -> None:
    one = market()
    density = estimate(one.candles, one.open_interest, price_bins=40, every=288)
    path = str(tmp_path / "density.parquet")
    write_density(path, density)
    read = table.read(path)
    total = float(density.long_base.sum(dtype=np.float64))
    assert read.numbers("long_base").sum() == pytest.approx(total)
    last = read.numbers("end_ms") == density.time_edges_ms[-1]
    held = density.short_base[:, -1]
    bins = (held > 0) | (density.long_base[:, -1] > 0)
    np.testing.assert_array_equal(read.numbers("short_base")[last], held[bins].astype(float))
    np.testing.assert_array_equal(read.numbers("low_price")[last], density.price_edges[:-1][bins])
