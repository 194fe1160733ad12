"""Real replies beside the repository, where there are any: the adapters read them all.

The samples are cut, and some are documentation: what is asserted is what their sources say
of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liqmap.data.market import Instrument
from liqmap.errors import LiqmapError, Unreachable
from liqmap.venues.adapter import Conversation, Reply
from liqmap.venues.registry import ADAPTERS, STREAMS
from tests.support.conversation import play

FOLDERS = {"kraken": "krakenfutures"}


@pytest.fixture(scope="session")
def recorded(reference: Path) -> Path:
    return reference / "recorded"


def load(recorded: Path, venue: str, name: str) -> Any:
    return json.loads((recorded / FOLDERS.get(venue, venue) / f"{name}.json").read_text())


def contract(native: str, **kwargs: Any) -> Instrument:
    return Instrument("X", native, native[:3], "USDT", **kwargs)


def played(venue: str, conversation: Conversation[Any], *bodies: Any) -> Any:
    """The replies in the order in which they are asked for."""
    left = [Reply(200, json.dumps(body).encode()) for body in bodies]
    return play(ADAPTERS[venue], conversation, lambda _: left.pop(0))


@pytest.mark.parametrize("venue", ADAPTERS)
def test_errors(recorded: Path, venue: str) -> None:
    name = FOLDERS.get(venue, venue)
    for case in json.loads((recorded / "errors" / f"{name}.json").read_text()):
        if "not_an_error" in case["case"]:
            continue
        body = case["body"] if isinstance(case["body"], str) else json.dumps(case["body"])
        with pytest.raises(LiqmapError) as caught:
            ADAPTERS[venue].read(Reply(case["http_status"], body.encode()))
        assert type(caught.value).__name__ != "BadResponse", case["case"]
        if "geo" in case["case"]:
            assert isinstance(caught.value, Unreachable)
            assert caught.value.blocked


def test_binance(recorded: Path) -> None:
    def sample(name: str) -> Any:
        return load(recorded, "binance", name)

    venue = ADAPTERS["binance"]
    listed = played("binance", venue.instruments(), sample("rec_exchangeInfo"), [])
    assert "BTC-USDT-PERP" in [one.name for one in listed]
    assert all(0 < one.tick_size < 1000 for one in listed)

    five, day = 300_000, 86_400_000
    rows = sample("rec_klines_LTCUSDT_5m_500")
    candles = played("binance", venue.candles(contract("LTCUSDT"), five), rows)
    assert len(candles) == 500
    assert set(np.diff(candles.time_ms)) == {five}
    assert candles.volume_base.sum() == pytest.approx(sum(float(row[5]) for row in rows))
    share = candles.taker_buy_base.sum() / candles.volume_base.sum()
    assert 0.4 < share < 0.6
    days = sample("rec_klines_BTCUSDT_1d_since_listing")
    assert len(played("binance", venue.candles(contract("BTCUSDT"), day), days)) == len(days)

    history = sample("rec_openInterestHist_LTCUSDT_1d_10")
    start, end = history[0]["timestamp"], history[-1]["timestamp"]
    conversation = venue.open_interest(contract("LTCUSDT"), day, start, end)
    samples = played("binance", conversation, history)
    notional = np.array([float(row["sumOpenInterestValue"]) for row in history])
    price = notional / samples.open_interest_base
    assert ((price > 45) & (price < 52)).all(), "LTC in October 2020"

    now = played(
        "binance",
        venue.snapshot(contract("BTCUSDT")),
        sample("rec_openInterest_BTCUSDT"),
        sample("rec_premiumIndex_BTCUSDT"),
    )
    assert (now.open_interest_base, now.mark_price) == (83782.317, 26780.82240476)

    messages = sample("rec_ws_forceOrder")
    found = STREAMS["binance"].read(json.dumps(messages[0]), contract("BTCUSDT"))
    assert list(found.position_side) == [-1.0]
    assert list(found.quantity_quote) == [pytest.approx(4706.04 * 0.014)]


def test_hyperliquid(recorded: Path) -> None:
    venue = ADAPTERS["hyperliquid"]
    rows = load(recorded, "hyperliquid", "rec_candleSnapshot_kPEPE_1h")
    start, hour = rows[0]["t"], 3_600_000
    end = rows[-1]["t"] + 1
    pages = len(next(venue.candles(contract("kPEPE"), hour, start, end)))
    candles = played(
        "hyperliquid", venue.candles(contract("kPEPE"), hour, start, end), *[rows] * pages
    )
    assert len(candles) == len(rows)
    assert candles.volume_base[0] == 520_665_683
    answer = load(recorded, "hyperliquid", "ex_metaAndAssetCtxs")
    (sol,) = played("hyperliquid", venue.instruments(), answer)
    assert (sol.name, sol.tick_size, sol.max_leverage) == ("SOL-USDC-PERP", 0.01, 50)
    now = played("hyperliquid", venue.snapshot(sol), answer)
    assert (now.open_interest_base, now.mark_price) == (10764.48, 108.04)
    tiers = played("hyperliquid", venue.maintenance(sol), answer)
    assert list(tiers.maintenance_rate) == [0.01]


@pytest.mark.parametrize(
    ("name", "coin", "price"), [("HYPE", "HYPE", 35.8559189474), ("ETH", "ETH", 2125.00856238)]
)
def test_hyperliquid_positions(recorded: Path, name: str, coin: str, price: float) -> None:
    """The served price is that of the margin law: entry, leverage, half the initial rate."""
    venue = ADAPTERS["hyperliquid"]
    account = load(recorded, "hyperliquid", f"ex_clearinghouseState_isolated_{name}")
    conversation = venue.positions(contract(coin), ["0x0"])  # type: ignore[attr-defined]
    found = played("hyperliquid", conversation, account)
    assert list(found.liquidation_price) == [price]
    row = account["assetPositions"][0]["position"]
    rate = 0.5 / float(row["maxLeverage"])
    margin = -float(row["leverage"]["rawUsd"]) / (found.quantity_base[0] * (1 - rate))
    assert margin == pytest.approx(price, rel=1e-8)


def test_okx(recorded: Path) -> None:
    venue = ADAPTERS["okx"]
    listed = played(
        "okx",
        venue.instruments(),
        load(recorded, "okx", "rec_instruments_SWAP"),
        {"code": "0", "data": []},
    )
    by_name = {one.name: one for one in listed}
    assert by_name["BTC-USDT-PERP"].contract_size == 0.01
    assert by_name["ETH-USDT-PERP"].contract_size == 0.1
    inverse = by_name["BTC-USD-PERP"]
    assert (inverse.kind, inverse.contract_size) == ("inverse", 100)
    rows = load(recorded, "okx", "ex_candles_BTC-USD-SWAP_1m")
    candles = played("okx", venue.candles(inverse, 60_000), rows)
    contracts = np.array([float(row[5]) for row in rows["data"][::-1]])
    np.testing.assert_allclose(
        candles.volume_base * candles.close, contracts * inverse.contract_size, rtol=2e-3
    )
    history = load(recorded, "okx", "ex_open-interest-history")
    at = int(history["data"][0][0])
    conversation = venue.open_interest(by_name["BTC-USDT-PERP"], 300_000, at, at)
    samples = played("okx", conversation, history)
    assert samples.open_interest_base[0] * 84_300 == pytest.approx(2_360_916_466.88, rel=1e-3)
    message = load(recorded, "okx", "rec_ws_liquidation-orders")[0]
    xrp = contract("XRP-USD-230929", kind="inverse", contract_size=10)
    found = STREAMS["okx"].read(json.dumps(message), xrp)
    assert list(found.position_side) == [-1.0]
    assert found.quantity_quote[0] == pytest.approx(390)


def test_bitget(recorded: Path) -> None:
    venue = ADAPTERS["bitget"]
    rows = {"code": "00000", "data": load(recorded, "bitget", "ex_v2_candles_rows")}
    candles = played("bitget", venue.candles(contract("BTCUSDT"), 60_000), rows)
    assert candles.volume_base[0] * 39_384 == pytest.approx(1_399_132.341, rel=1e-3)
    ticker = load(recorded, "bitget", "ex_v2_ticker")
    now = played("bitget", venue.snapshot(contract("BTCUSDT")), ticker)
    assert (now.open_interest_base, now.mark_price) == (7452.6421, 104824.2)
    tiers = load(recorded, "bitget", "ex_v2_query-position-lever")
    found = played("bitget", venue.maintenance(contract("BTCUSDT")), tiers)
    assert (found.notional_cap_quote[0], found.maintenance_rate[0]) == (150_000, 0.004)
    for message in load(recorded, "bitget", "rec_ws_v3_futures_messages"):
        if message["arg"]["topic"] == "liquidation":
            found_rows = STREAMS["bitget"].read(json.dumps(message), contract("APEUSDT"))
            assert list(found_rows.quantity_base) == [pytest.approx(83.1)]
            break
    else:
        pytest.fail("no liquidation among the messages")


def test_deribit(recorded: Path) -> None:
    venue = ADAPTERS["deribit"]
    listed = load(recorded, "deribit", "ex_get_instruments")
    (perpetual,) = played("deribit", venue.instruments(), listed, *[{"result": []}] * 3)
    assert (perpetual.name, perpetual.kind) == ("BTC-USD-PERP", "inverse")
    chart = load(recorded, "deribit", "ex_get_tradingview_chart_data")
    conversation = venue.candles(perpetual, 60_000)
    candles = played("deribit", conversation, {"result": 1583917166709}, chart)
    cost = np.array(chart["result"]["cost"])
    np.testing.assert_allclose(candles.volume_base * candles.close, cost, rtol=1e-3)
    sides = []
    for message in load(recorded, "deribit", "rec_ws_trades_liquidation_ticker"):
        message["params"]["channel"] = message["params"]["channel"].replace("raw", "100ms")
        sides += list(STREAMS["deribit"].read(json.dumps(message), perpetual).position_side)
    assert sides == [1.0, 1.0]


def test_dydx(recorded: Path) -> None:
    venue = ADAPTERS["dydx"]
    market = load(recorded, "dydx", "ex_perpetualMarkets")
    (btc,) = played("dydx", venue.instruments(), market)
    assert (btc.name, btc.max_leverage) == ("BTC-USD-PERP", 50)
    candles = load(recorded, "dydx", "ex_candles_1MIN")
    assert played("dydx", venue.candles(btc, 60_000), candles).close[0] == 116_099
    rows = [
        STREAMS["dydx"].read(json.dumps(message), btc)
        for message in load(recorded, "dydx", "rec_ws_v4_trades_markets")
    ]
    assert [list(one.position_side) for one in rows if len(one)] == [[1.0]]


def test_lighter(recorded: Path) -> None:
    venue = ADAPTERS["lighter"]
    details = load(recorded, "lighter", "ex_orderBookDetails")
    (eth,) = played("lighter", venue.instruments(), details)
    assert (eth.name, eth.native, eth.max_leverage, eth.tick_size) == (
        "ETH-USDC-PERP",
        "0",
        50,
        0.01,
    )
    tiers = played("lighter", venue.maintenance(eth), details)
    assert list(tiers.maintenance_rate) == [0.012]
    trades = load(recorded, "lighter", "ex_recentTrades")
    candles = load(recorded, "lighter", "ex_candles_1m")
    bars = played("lighter", venue.candles(eth, 60_000), trades, candles)
    assert bars.volume_base[0] * bars.close[0] == pytest.approx(178_530, rel=1e-3)
    btc = contract("1")
    found = [
        STREAMS["lighter"].read(json.dumps(message), btc)
        for message in load(recorded, "lighter", "rec_ws_trade_liquidation_trades")
    ]
    (rows,) = [one for one in found if len(one)]
    assert (rows.position_side[0], rows.quantity_base[0]) == (-1.0, 0.01664)
    assert rows.quantity_quote[0] == pytest.approx(1258.030592)


def test_kraken(recorded: Path) -> None:
    venue = ADAPTERS["kraken"]
    instruments = load(recorded, "kraken", "ex_instruments")
    tickers = load(recorded, "kraken", "ex_tickers")
    (btc,) = played("kraken", venue.instruments(), {"result": "success", **instruments}, tickers)
    assert (btc.name, btc.native) == ("BTC-USD-PERP", "PF_XBTUSD")
    now = played(
        "kraken", venue.snapshot(btc), load(recorded, "kraken", "ex_ticker_PF_XBTUSD_2026")
    )
    assert now.open_interest_base == 1950.5966
    for name, candles in (("ex_charts_trade", 1),):
        body = load(recorded, "kraken", name)
        clock = {"result": "success", "serverTime": "2022-02-18T15:37:00Z"}
        bars = played("kraken", venue.candles(btc, 60_000), clock, body)
        assert len(bars) == candles
    for message, native, side in zip(
        load(recorded, "kraken", "rec_ws_trade_liquidation"),
        ("PI_XRPUSD", "PI_ETHUSD"),
        (1.0, -1.0),
        strict=True,
    ):
        rows = STREAMS["kraken"].read(json.dumps(message), contract(native))
        assert list(rows.position_side) == [side]


def test_bybit(recorded: Path) -> None:
    venue = ADAPTERS["bybit"]
    info = load(recorded, "bybit", "ex_instruments-info_linear")
    tickers = load(recorded, "bybit", "ex_tickers_linear_2022")
    (btc,) = played("bybit", venue.instruments(), info, tickers)
    assert (btc.name, btc.volume_24h_quote) == ("BTC-USDT-PERP", 4_686_694_853.047006)
    now = played("bybit", venue.snapshot(btc), tickers)
    assert now.open_interest_base == 48069.549 / 2
    history = load(recorded, "bybit", "docs_open-interest_inverse_1d")
    start, end = 1_780_617_600_000, 1_780_963_200_000
    samples = played("bybit", venue.open_interest(btc, 86_400_000, start, end), history)
    assert list(samples.open_interest_base[[0, -1]]) == [31_971_156, 31_955_346]
    mark = load(recorded, "bybit", "docs_mark-price-kline_linear_15")
    at = 1_670_608_800_000
    bars = played("bybit", venue.mark(btc, 900_000, at, at + 1), mark)
    assert bars.close[0] == 17131.64
    limits = load(recorded, "bybit", "ex_risk-limit_inverse")
    tiers = played("bybit", venue.maintenance(contract("BTCUSD")), limits)
    assert list(tiers.maintenance_rate) == [0.005], "percent in this sample"
    for name in ("docs_ws_allLiquidation", "rec_ws_allLiquidation"):
        sample = load(recorded, "bybit", name)
        message = sample[0] if isinstance(sample, list) else sample
        native = message["data"][0]["s"]
        found = STREAMS["bybit"].read(json.dumps(message), contract(native))
        assert list(found.position_side) == [-1.0]


def test_aster(recorded: Path) -> None:
    venue = ADAPTERS["aster"]
    held = load(recorded, "aster", "rec_openInterest")
    premium = load(recorded, "aster", "ex_premiumIndex")
    now = played("aster", venue.snapshot(contract("BTCUSDT")), held, premium)
    assert now.open_interest_base == 6196.323
    message = load(recorded, "aster", "ex_ws_forceOrder")
    found = STREAMS["aster"].read(json.dumps(message), contract("BTCUSDT"))
    assert list(found.position_side) == [1.0]
