"""`build.py bench --skill`: market files of any venue and coin, joined and judged."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from bench import skill
from liqmap.estimate.api import MODELS
from liqmap.evaluate.bootstrap import DAY_MS
from liqmap.evaluate.realised_share import ASSUMED, Whose
from liqmap.simulation import simulate
from tools.build.console import BuildError

DAYS = 31
WORLD = simulate(5, bars=288 * DAYS)
CANDLES = WORLD.market.candles
HELD = WORLD.market.open_interest
FIRST = CANDLES.time_ms[0]


@pytest.fixture(autouse=True)
def _without_simulations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skill, "_simulated", lambda: iter(()))


def put_candles(path: Path, *, times: float = 1.0, later_days: int = 0) -> None:
    """The simulated market; every hundredth bar without a trade, every ninetieth unsampled."""
    held = times * HELD.at(CANDLES.end_ms)
    lines = ["time_ms,open,high,low,close,volume_base,open_interest_base"]
    for row, time_ms in enumerate(CANDLES.time_ms + later_days * DAY_MS):
        prices = [getattr(CANDLES, name)[row] for name in ("open", "high", "low", "close")]
        words = [f"{one:.1f}" for one in prices] if row % 100 else ["nan"] * 4
        interest = "nan" if row % 90 == 7 else f"{held[row]:.3f}"
        lines.append(f"{time_ms:.0f},{','.join(words)},{CANDLES.volume_base[row]:.3f},{interest}")
    path.write_bytes(gzip.compress("\n".join(lines).encode()))


def put_totals(path: Path, *, times: float = 1.0) -> None:
    seen = WORLD.liquidations
    day = np.floor((seen.time_ms - FIRST) / DAY_MS)
    lines = ["date,long_usd,short_usd"]
    for number in range(DAYS):
        date = np.datetime64(int(FIRST + number * DAY_MS), "ms").astype("datetime64[D]")
        quote = [
            times * seen.quantity_quote[(day == number) & (seen.position_side == side)].sum()
            for side in (1, -1)
        ]
        lines.append(f"{date},{quote[0]:.2f},{quote[1]:.2f}")
    path.write_text("\n".join(lines) + "\n")


def judged(folder: Path) -> dict[str, float]:
    return dict(skill.figures(folder))


def test_every_model_and_baseline_is_judged_by_side(tmp_path: Path) -> None:
    put_candles(tmp_path / "bybit_ETHUSDT_5m.csv.gz")
    put_totals(tmp_path / "bybit_liquidations_daily_ETH.csv")
    found = judged(tmp_path)
    for side in ("long", "short"):
        for row in ("balance", "turnover", "survivor", "fresh_lows_and_highs", "near_the_price"):
            rank = found[f"skill_bybit_ethusdt_5m_by_bybit_{side}_{row}_rank_ratio"]
            assert 0.2 < rank < 1
        lift = found[f"skill_bybit_ethusdt_5m_by_bybit_{side}_balance_lift_ratio"]
        best = max(
            value
            for name, value in found.items()
            if side in name
            and name.endswith("_rank_ratio")
            and not any(model in name for model in MODELS)
        )
        rank = found[f"skill_bybit_ethusdt_5m_by_bybit_{side}_balance_rank_ratio"]
        assert lift == pytest.approx(rank - best)
    assert not any("mean" in name for name in found)


def test_amounts_are_scaled_by_the_open_interest_of_who_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_candles(tmp_path / "binance_ETHUSDT_5m.csv.gz")
    put_totals(tmp_path / "hyperliquid_liquidations_daily_ETH.csv")
    alone = judged(tmp_path)
    assert "unscaled" in capsys.readouterr().err
    put_candles(tmp_path / "hyperliquid_ETH_5m.csv.gz", times=0.25, later_days=400)
    both = judged(tmp_path)
    name = "skill_binance_ethusdt_5m_by_hyperliquid_long_measured_share_ratio"
    assert both[name] == pytest.approx(4 * alone[name], rel=1e-3)
    said = capsys.readouterr().err
    assert "measured at another time" in said
    assert "hyperliquid_ETH_5m_by_hyperliquid: 0 days in common, too few" in said


def test_coins_are_told_apart_and_averaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_candles(tmp_path / "binance_usdm_1000PEPEUSDT_5m.csv.gz")
    put_candles(tmp_path / "binance_usdm_ETHUSDT_5m_2026.csv.gz", times=2.0)
    put_totals(tmp_path / "hyperliquid_liquidations_daily_kPEPE.csv")
    put_totals(tmp_path / "hyperliquid_liquidations_daily_ETH.csv")
    put_totals(tmp_path / "hyperliquid_liquidations_daily_SOL.csv")
    (tmp_path / "notes.csv").write_text("a,b\n")
    found = judged(tmp_path)
    pepe = found["skill_binance_usdm_1000pepeusdt_5m_by_hyperliquid_expected_over_reported_ratio"]
    eth = found["skill_binance_usdm_ethusdt_5m_2026_by_hyperliquid_expected_over_reported_ratio"]
    assert pepe != eth
    mean = found["skill_mean_expected_over_reported_ratio"]
    assert mean == pytest.approx((pepe + eth) / 2)
    said = capsys.readouterr().err
    assert "hyperliquid SOL: liquidations, but no candles with open interest" in said
    assert "notes.csv: neither candles nor daily liquidations by its name, left out" in said


def test_a_coin_is_not_another_that_begins_alike(tmp_path: Path) -> None:
    put_candles(tmp_path / "okx_ETH-USDT-SWAP_5m.csv.gz")
    traded = skill.Traded.read(tmp_path / "okx_ETH-USDT-SWAP_5m.csv.gz")
    assert traded.venue == "okx"
    assert traded.is_of("ETH")
    assert not traded.is_of("ET")
    assert not traded.is_of("ETHFI")


def test_an_empty_folder_says_what_it_takes(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="expected candles and daily liquidations"):
        judged(tmp_path)


def test_a_venue_that_reports_all_is_held_against_its_own_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same totals, by a venue that reports all and by one that reports a sample."""
    put_candles(tmp_path / "bybit_ETHUSDT_5m.csv.gz")
    put_candles(tmp_path / "okx_ETHUSDT_5m.csv.gz")
    monkeypatch.setattr(skill, "MONTH", 10)
    put_totals(tmp_path / "bybit_liquidations_daily_ETH.csv")
    put_totals(tmp_path / "okx_liquidations_daily_ETH.csv")
    found = judged(tmp_path)
    told: dict[str, Whose] = {"bybit": "this_venue", "okx": "all_exchanges"}
    for venue, whose in told.items():
        name = f"skill_{venue}_ethusdt_5m_by_{venue}_long"
        here, ratio = (
            found[f"{name}_{one}_ratio"] for one in ("measured_share", "expected_over_reported")
        )
        assert here * ratio == pytest.approx(ASSUMED[whose].long.value)
        every = f"skill_{venue}_ethusdt_5m_by_{venue}_expected_over_reported"
        low, high = (found[f"{every}_month_{end}_ratio"] for end in ("low", "high"))
        assert low < found[f"{every}_ratio"] < high
