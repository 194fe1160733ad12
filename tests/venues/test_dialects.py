"""What only one venue does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.errors import BadResponse, NoData
from liqmap.margin import liquidation_price
from liqmap.venues.adapter import Conversation, Reply, Request
from liqmap.venues.hyperliquid import AccountStream, Hyperliquid
from liqmap.venues.registry import ADAPTERS, STREAMS
from tests.support.conversation import play

START_MS = 1_769_990_400_000
STEP_MS = 300_000
BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")


def playing(venue: str, conversation: Conversation[Any], *answers: Any) -> Any:
    """The answers in the order in which they are asked for."""
    left = [Reply(200, json.dumps(answer).encode()) for answer in answers]
    return play(ADAPTERS[venue], conversation, lambda _: left.pop(0))


# ---------------------------------------------------------------- Bybit


def bybit_tiers(maintenance: str, initial: str, leverage: str) -> MaintenanceTiers:
    row = {
        "symbol": "BTCUSDT",
        "riskLimitValue": "2000000",
        "maintenanceMargin": maintenance,
        "initialMargin": initial,
        "maxLeverage": leverage,
    }
    answer = {"retCode": 0, "result": {"list": [row]}}
    found: MaintenanceTiers = playing("bybit", ADAPTERS["bybit"].maintenance(BTC), answer)
    return found


@pytest.mark.parametrize(
    ("maintenance", "initial", "leverage"),
    [("0.005", "0.01", "100.00"), ("0.5", "1", "100.00"), ("0.5", "1.34", "75.00")],
)
def test_bybit_has_margins_in_percent_and_in_fractions(
    maintenance: str, initial: str, leverage: str
) -> None:
    rates = bybit_tiers(maintenance, initial, leverage).maintenance_rate
    assert list(rates) == [pytest.approx(0.005)]


def test_bybit_open_interest_is_of_both_sides_where_it_does_not_say_one() -> None:
    ticker = {"symbol": "BTCUSDT", "openInterest": "61234.5", "markPrice": "84000"}
    snapshot = ADAPTERS["bybit"].snapshot(BTC)
    both = playing("bybit", snapshot, {"retCode": 0, "result": {"list": [ticker]}})
    assert both.open_interest_base == 61234.5 / 2
    ticker["singleOpenInterest"] = "30600"
    snapshot = ADAPTERS["bybit"].snapshot(BTC)
    single = playing("bybit", snapshot, {"retCode": 0, "result": {"list": [ticker]}})
    assert single.open_interest_base == 30600


def test_bybit_margins_in_neither_are_refused() -> None:
    with pytest.raises(BadResponse, match="neither 1 nor 100 percent"):
        bybit_tiers("0.5", "10", "100")


# ---------------------------------------------------------------- OKX

INVERSE = Instrument("BTC-USD-PERP", "BTC-USD-SWAP", "BTC", "USD", "inverse", contract_size=100)


def test_okx_inverse_contracts_are_dollars() -> None:
    okx = ADAPTERS["okx"]
    detail = {"bkPx": "80000", "posSide": "short", "side": "buy", "sz": "20", "ts": str(START_MS)}
    row = {"instId": "BTC-USD-SWAP", "details": [detail]}
    conversation = okx.liquidations(INVERSE, START_MS, START_MS + 1)
    pages = ({"code": "0", "data": [row]}, {"code": "0", "data": []})
    found = playing("okx", conversation, *pages)
    assert list(found.quantity_base) == [20 * 100 / 80000]
    assert list(found.position_side) == [-1.0]

    tier = {"instFamily": "BTC-USD", "maxSz": "5000", "mmr": "0.004"}
    mark = {"code": "0", "data": [{"markPx": "80000"}]}
    tiers = playing("okx", okx.maintenance(INVERSE), {"code": "0", "data": [tier]}, mark)
    assert list(tiers.notional_cap_quote) == [500_000]


def test_okx_counts_volume_in_contracts_in_coins_and_in_dollars() -> None:
    """Column 5 is contracts, 6 coins: 2,520 contracts of $100 at 84,000 are three bitcoin."""
    row = [str(START_MS), "84000", "84010", "83990", "84000", "2520", "3", "252000", "1"]
    conversation = ADAPTERS["okx"].candles(INVERSE, STEP_MS)
    bars = playing("okx", conversation, {"code": "0", "data": [row]})
    assert list(bars.volume_base) == [3.0]
    assert bars.volume_base[0] * bars.close[0] == 2520 * INVERSE.contract_size


def test_okx_stream_counts_inverse_liquidations_in_contracts() -> None:
    detail = {"bkPx": "82500", "posSide": "short", "side": "buy", "sz": "33", "ts": str(START_MS)}
    row = {"instId": INVERSE.native, "instType": "SWAP", "details": [detail]}
    message = {"arg": {"channel": "liquidation-orders", "instType": "SWAP"}, "data": [row]}
    found = STREAMS["okx"].read(json.dumps(message), INVERSE)
    assert list(found.position_side) == [-1.0]
    assert found.quantity_quote[0] == pytest.approx(33 * 100)


# ---------------------------------------------------------------- Deribit


def test_deribit_says_when_there_is_nothing() -> None:
    conversation = ADAPTERS["deribit"].candles(INVERSE, STEP_MS, START_MS, START_MS + STEP_MS)
    with pytest.raises(NoData):
        playing("deribit", conversation, {"result": {"status": "no_data"}})


def test_deribit_may_liquidate_both_sides_of_a_trade() -> None:
    trade = {
        "timestamp": START_MS,
        "price": 80000.0,
        "direction": "sell",
        "amount": 40000.0,
        "liquidation": "MT",
    }
    channel = f"trades.{INVERSE.native}.100ms"
    message = json.dumps({"params": {"channel": channel, "data": [trade]}})
    found = STREAMS["deribit"].read(message, INVERSE)
    assert sorted(found.position_side) == [-1.0, 1.0]
    assert list(found.quantity_base) == [0.5, 0.5]


# ---------------------------------------------------------------- Hyperliquid


def test_hyperliquid_without_margin_tables() -> None:
    """As in replies of 2023: half the initial rate at the highest leverage."""
    meta = {"universe": [{"name": "BTC", "szDecimals": 5, "maxLeverage": 50}]}
    conversation = ADAPTERS["hyperliquid"].maintenance(Instrument("B", "BTC", "BTC", "USDC"))
    tiers = playing("hyperliquid", conversation, [meta, [{}]])
    assert list(tiers.maintenance_rate) == [0.01]
    assert list(tiers.notional_cap_quote) == [float("inf")]


@pytest.mark.parametrize(
    ("price", "digits", "tick"),
    [("84000.0", 5, 1.0), ("120000", 5, 1.0), ("2500.1", 4, 0.1), ("0.0069", 0, 1e-6)],
)
def test_hyperliquid_ticks(price: str, digits: int, tick: float) -> None:
    meta = {"universe": [{"name": "X", "szDecimals": digits, "maxLeverage": 50}]}
    context = {"markPx": price, "dayNtlVlm": "1"}
    (listing,) = playing("hyperliquid", ADAPTERS["hyperliquid"].instruments(), [meta, [context]])
    assert listing.tick_size == pytest.approx(tick)


HYPERLIQUID = Hyperliquid()
ACCOUNTS = AccountStream()
BITCOIN = Instrument("BTC-USDC-PERP", "BTC", "BTC", "USDC")
ONE, TWO = "0x" + "1" * 40, "0x" + "a" * 40


def held(coin: str, size: str, entry: str, price: str | None) -> dict[str, Any]:
    position = {
        "coin": coin,
        "szi": size,
        "entryPx": entry,
        "liquidationPx": price,
        "leverage": {"type": "cross", "value": 20},
    }
    return {"type": "oneWay", "position": position}


@pytest.mark.parametrize(("side", "size"), [(1, "2"), (-1, "-2")])
def test_hyperliquid_liquidates_where_the_margin_law_says(side: int, size: str) -> None:
    """Isolated: maintenance is half the initial margin at the highest leverage, here 40×."""
    law = float(liquidation_price(90_000.0, 10.0, side, 0.5 / 40))
    position = held("BTC", size, "90000", repr(law))
    found = playing(
        "hyperliquid", HYPERLIQUID.positions(BITCOIN, [ONE]), {"assetPositions": [position]}
    )
    # Margin left at that price is the maintenance margin of the notional there.
    left = 90_000.0 / 10 + side * (found.liquidation_price[0] - 90_000.0)
    assert left == pytest.approx(found.liquidation_price[0] * 0.5 / 40)


def test_hyperliquid_counts_thousands_where_the_name_says_k() -> None:
    row: dict[str, Any] = {"t": START_MS, "T": START_MS + STEP_MS - 1, "s": "kPEPE", "i": "5m"}
    row |= {"o": "0.0069", "h": "0.0070", "l": "0.0068", "c": "0.0069", "v": "512345678", "n": 9}
    pepe = Instrument("1000PEPE-USDC-PERP", "kPEPE", "1000PEPE", "USDC")
    conversation = HYPERLIQUID.candles(pepe, STEP_MS, START_MS, START_MS + STEP_MS)
    pages = len(next(HYPERLIQUID.candles(pepe, STEP_MS, START_MS, START_MS + STEP_MS)))
    bars = playing("hyperliquid", conversation, *[[row]] * pages)
    assert (list(bars.volume_base), list(bars.close)) == ([512_345_678.0], [0.0069])


def test_hyperliquid_shows_real_positions() -> None:
    first = [held("BTC", "0.5", "80000", "72000.5"), held("ETH", "9", "2500", "2000")]
    second = [held("BTC", "-0.25", "84000", "95000")]
    third = [held("BTC", "2", "80000", None)]  # cannot be liquidated by this coin alone
    fourth = [held("BTC", "-0.00785", "26951.0", "173198.69592357")]  # recorded: says nothing
    closed = [held("BTC", "0.0", "80000", None)]
    every: tuple[list[dict[str, Any]], ...] = (first, second, third, fourth, closed, [])
    accounts = [{"assetPositions": positions} for positions in every]
    addresses = [f"0x{n:040x}" for n in range(len(accounts))]
    conversation = HYPERLIQUID.positions(BITCOIN, addresses)
    found = playing("hyperliquid", conversation, *accounts)
    assert (found.account, found.holders) == ((addresses[0], addresses[1]), 4)
    assert list(found.position_side) == [1.0, -1.0]
    assert list(found.quantity_base) == [0.5, 0.25]
    assert list(found.liquidation_price) == [72000.5, 95000.0]
    assert list(found.leverage) == [20.0, 20.0]
    assert (found.held_long_base, found.held_short_base) == (2.5, 0.25785)
    assert found.share_of(100.0) == pytest.approx(0.5 * (2.5 + 0.25785) / 100)
    assert found.share_of(0.0) == 0.0


def test_hyperliquid_accounts_come_from_trades() -> None:
    """Who traded most comes first: 2 × 80,000 against 1 × 80,000 and 3 × 80,000."""
    three = "0x" + "3" * 40
    trades = [
        {"coin": "BTC", "px": "80000", "sz": "1", "users": [ONE, TWO]},
        {"coin": "BTC", "px": "80000", "sz": "1", "users": [TWO, "nobody"]},
        {"coin": "BTC", "px": "80000", "sz": "3", "users": [three, "nobody"]},
        {"coin": "BTC", "px": "80000", "sz": "9"},
    ]
    assert playing("hyperliquid", HYPERLIQUID.addresses(BITCOIN), trades) == (three, TWO, ONE)
    other = [{"coin": "ETH", "px": "2500", "sz": "1", "users": ["0x" + "9" * 40] * 2}]
    message = json.dumps({"channel": "trades", "data": trades + other})
    assert ACCOUNTS.read(message, BITCOIN) == (three, TWO, ONE)
    assert ACCOUNTS.read('{"channel":"pong"}', BITCOIN) == ()
    assert json.loads(ACCOUNTS.subscribe(BITCOIN))["subscription"]["coin"] == "BTC"
    with pytest.raises(BadResponse, match="Hyperliquid"):
        ACCOUNTS.read('{"channel":"trades","data":[{}]}', BITCOIN)


def test_hyperliquid_is_asked_for_few_accounts_at_a_time() -> None:
    """45 accounts in three batches, each account once, at the weight of its kind."""
    addresses = [f"0x{n:040x}" for n in range(45)]
    conversation = HYPERLIQUID.positions(BITCOIN, addresses)
    nobody: dict[str, Any] = {"assetPositions": []}
    first = next(conversation)
    second = conversation.send([nobody] * 20)
    third = conversation.send([nobody] * 20)
    with pytest.raises(StopIteration) as end:
        conversation.send([nobody] * 5)
    batches = (first, second, third)
    assert [len(batch) for batch in batches] == [20, 20, 5]
    asked = [request for batch in batches for request in batch]
    assert [json.loads(request.body or "")["user"] for request in asked] == addresses
    assert {request.weight for request in asked} == {2}
    assert (len(end.value.value), end.value.value.holders) == (0, 0)


def test_hyperliquid_has_nothing_of_no_account() -> None:
    found = playing("hyperliquid", HYPERLIQUID.positions(BITCOIN, []))
    assert (len(found), found.share_of(100.0)) == (0, 0.0)


# ---------------------------------------------------------------- Kraken


def test_kraken_asks_for_the_bar_that_ends_at_the_start() -> None:
    start_ms = 1000 * STEP_MS * 5900
    log: list[Request] = []
    answer = {"result": {"timestamp": [start_ms // 1000 - 300], "data": [7.5]}, "errors": []}
    kraken = ADAPTERS["kraken"]
    found = play(
        kraken,
        kraken.open_interest(BTC, STEP_MS, start_ms, start_ms),
        lambda _: Reply(200, json.dumps(answer).encode()),
        log,
    )
    assert [list(found.time_ms), list(found.open_interest_base)] == [[start_ms], [7.5]]
    assert f"to={start_ms // 1000 - 1}" in log[-1].path


@pytest.mark.parametrize(("side", "position_side"), [("sell", 1.0), ("buy", -1.0)])
def test_kraken_tells_the_side_of_the_order_also_of_older_contracts(
    side: str, position_side: float
) -> None:
    trade: dict[str, Any] = {
        "feed": "trade",
        "product_id": "PI_XRPUSD",
        "side": side,
        "type": "liquidation",
    }
    trade |= {"uid": "a-b", "seq": 7, "time": START_MS, "qty": 120.0, "price": 2.5}
    ripple = Instrument("XRP-USD-PERP", "PI_XRPUSD", "XRP", "USD")
    found = STREAMS["kraken"].read(json.dumps(trade), ripple)
    assert list(found.position_side) == [position_side]


# ---------------------------------------------------------------- Binance


def test_binance_charges_by_the_bar() -> None:
    binance = ADAPTERS["binance"]
    weights = [
        next(binance.candles(BTC, STEP_MS, newest=count))[0].weight
        for count in (3, 100, 499, 500, 1000, 1500)
    ]
    assert weights == [1, 2, 2, 5, 5, 10]


def test_binance_open_interest_begins_where_it_may() -> None:
    """A window cut at the edge of its 30 days changes with time: it is not remembered."""
    day_ms = 86_400_000
    binance = ADAPTERS["binance"]
    *newer, oldest = next(binance.open_interest(BTC, STEP_MS, START_MS - 9 * day_ms, START_MS))
    assert f"startTime={START_MS - 9 * day_ms}&" in oldest.path
    assert oldest.until_ms == float("inf")
    assert all(request.until_ms <= START_MS + 2 * day_ms for request in newer)
