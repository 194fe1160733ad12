"""What only one venue does, and in which units each of them counts."""

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
from tests.support.conversation import in_turn, play
from tests.support.fixtures import Fixtures, fixtures

START_MS = 1_769_990_400_000
STEP_MS = 300_000
BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")


def playing(venue: str, conversation: Conversation[Any], *answers: Any) -> Any:
    """What the conversation returns when it is answered so, in turn."""
    return play(ADAPTERS[venue], conversation, in_turn(*answers))


def listed(venue: str) -> dict[str, Instrument]:
    """The contracts of a venue's fixtures, by name."""
    adapter = ADAPTERS[venue]
    found = play(adapter, adapter.instruments(), fixtures(venue).answer)
    return {listing.name: listing for listing in found}


def contract_of(venue: str) -> Instrument:
    """The contract of which its fixtures speak."""
    return listed(venue)[fixtures(venue).expected["instrument"]["name"]]


# ---------------------------------------------------------------- units


def turnovers(venue: Fixtures, name: str, field: int | str) -> list[float]:
    """A column of the venue's own turnover, oldest first."""
    body = venue.reply(name)
    for key in ("result", "data", "list", "candles", "c"):
        body = body[key] if isinstance(body, dict) and key in body else body
    rows = [row[field] for row in body] if isinstance(body, list) else body[field]
    values = [float(value) for value in rows]
    return values if values[0] < values[-1] else values[::-1]


@pytest.mark.parametrize(
    ("venue", "name", "field"),
    [
        ("aster", "fapi-v1-klines", 7),
        ("binance", "fapi-v1-klines", 7),
        ("bitget", "api-v2-mix-market-candles", 6),
        ("bybit", "v5-market-kline", 6),
        ("deribit", "api-v2-public-get_tradingview_chart_data", "cost"),
        ("dydx", "v4-candles-perpetualMarkets-BTC-USD", "usdVolume"),
        ("lighter", "api-v1-candles", "V"),
        ("okx", "api-v5-market-candles", 7),
    ],
)
def test_volume_is_base_coin_by_the_venues_own_turnover(
    venue: str, name: str, field: int | str
) -> None:
    adapter = ADAPTERS[venue]
    conversation = adapter.candles(contract_of(venue), STEP_MS)
    candles = play(adapter, conversation, fixtures(venue).answer)
    turnover = dict.fromkeys(turnovers(fixtures(venue), name, field))  # one bar came twice
    assert list(candles.volume_base * candles.close) == pytest.approx(list(turnover), rel=1e-3)


@pytest.mark.parametrize(
    ("venue", "name", "field"),
    [
        ("binance", "futures-data-openInterestHist", "sumOpenInterestValue"),
        ("okx", "api-v5-rubik-stat-contracts-open-interest-history", 3),
    ],
)
def test_open_interest_is_base_coin_by_the_venues_own_value(
    venue: str, name: str, field: int | str
) -> None:
    """Both give its value beside its amount; the quotient is the mark price of the moment."""
    adapter = ADAPTERS[venue]
    conversation = adapter.open_interest(
        contract_of(venue), STEP_MS, START_MS, START_MS + 3 * STEP_MS
    )
    samples = play(adapter, conversation, fixtures(venue).answer)
    body = fixtures(venue).reply(name)
    rows = body["data"][::-1] if venue == "okx" else body
    value_quote = [float(row[field]) for row in rows][1:]  # the first lies before the range
    mark = [84001.0, 84090.0, 84080.0, 83660.0]
    assert [
        value / amount
        for value, amount in zip(value_quote, samples.open_interest_base, strict=True)
    ] == pytest.approx(mark)


def test_daily_bars_begin_with_the_contract() -> None:
    """Binance gives the first bars since a start that lies before the listing."""
    day_ms = 86_400_000
    first_ms = 18_148 * day_ms
    rows = [
        [t, "9800", "10400", "9700", "10300", "3000", t + day_ms - 1, "1", 9, buy, "1", "0"]
        for t, buy in ((first_ms, "0.04"), (first_ms + day_ms, "1400"))
    ]
    conversation = ADAPTERS["binance"].candles(
        BTC, day_ms, first_ms - 30 * day_ms, first_ms + 2 * day_ms
    )
    candles = playing("binance", conversation, rows, rows)
    assert list(candles.time_ms) == [first_ms, first_ms + day_ms]
    assert candles.taker_buy_base is not None
    assert list(candles.taker_buy_base) == [0.04, 1400.0]


def test_a_page_of_candles_is_read_whole() -> None:
    rows = [
        [START_MS + n * STEP_MS, "50", "51", "49", "50", str(n), 0, "1", 9, str(n / 2), "1", "0"]
        for n in range(500)
    ]
    candles = playing("binance", ADAPTERS["binance"].candles(BTC, STEP_MS), rows)
    assert candles.volume_base.tolist() == list(range(500))
    assert set(candles.time_ms[1:] - candles.time_ms[:-1]) == {STEP_MS}


@pytest.mark.parametrize(
    ("venue", "native", "side", "price", "quantity_quote"),
    [
        ("bybit", "ETHUSDT", 1.0, 2500.0, 2500.0),
        ("binance", "ETHUSDT", 1.0, 83990.0, 41995.0),
        ("deribit", "ETH-PERPETUAL", -1.0, 2500.0, 580.0),
        ("kraken", "PI_ETHUSD", -1.0, 2500.5, 400 * 2500.5),
    ],
)
def test_what_is_said_of_another_contract_is_read_for_that_one(
    venue: str, native: str, side: float, price: float, quantity_quote: float
) -> None:
    kind: Any = "inverse" if venue == "deribit" else "linear"
    other = Instrument("X", native, "ETH", "USDT", kind)
    found = STREAMS[venue].read(fixtures(venue).messages["another-contract"], other).liquidations
    assert (list(found.position_side), list(found.price)) == ([side], [price])
    assert list(found.quantity_quote) == [pytest.approx(quantity_quote)]


def test_bitget_states_liquidations_in_dollars() -> None:
    """Divided by the price, the amount is a whole number of lots of 0.1."""
    other = Instrument("X", "APEUSDT", "APE", "USDT")
    found = STREAMS["bitget"].read(fixtures("bitget").messages["all-contracts"], other).liquidations
    assert list(found.quantity_base) == [pytest.approx(80.1)]
    assert list(found.quantity_quote) == [pytest.approx(20.025)]


@pytest.mark.parametrize("name", ["older-long", "short"])
def test_lighter_liquidates_the_taker(name: str) -> None:
    """By the sign of its position; the amount in dollars is that of the venue."""
    text = fixtures("lighter").messages[name]
    (trade,) = json.loads(text)["liquidation_trades"]
    found = STREAMS["lighter"].read(text, contract_of("lighter")).liquidations
    before = float(trade["taker_position_size_before"])
    assert list(found.position_side) == [1.0 if before > 0 else -1.0]
    assert (before < 0) == trade["is_maker_ask"]
    assert list(found.quantity_quote) == [pytest.approx(float(trade["usd_amount"]))]


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
    with pytest.raises(BadResponse) as caught:
        bybit_tiers("0.5", "10", "100")
    assert "neither 1 nor 100 percent" in caught.value.detail


# ---------------------------------------------------------------- OKX


def test_okx_contracts_have_sizes() -> None:
    """A hundredth of a bitcoin, a tenth of an ether, a hundred dollars."""
    sizes = {name: listing.contract_size for name, listing in listed("okx").items()}
    assert sizes["BTC-USDT-PERP"] == 0.01
    assert sizes["ETH-USDT-PERP"] == 0.1
    inverse = listed("okx")["BTC-USD-PERP"]
    assert (inverse.kind, inverse.contract_size) == ("inverse", 100)


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
    found = STREAMS["okx"].read(json.dumps(message), INVERSE).liquidations
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
    found = STREAMS["deribit"].read(message, INVERSE).liquidations
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
    fourth = [held("BTC", "-0.00785", "27000.0", "170000.5")]  # other coins bear it: says nothing
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


@pytest.mark.parametrize(
    ("name", "size", "leverage"),
    [("info-clearinghouseState", 0.5, 10.0), ("info-clearinghouseState-2", -0.25, 20.0)],
)
def test_hyperliquid_serves_the_price_of_the_margin_law(
    name: str, size: float, leverage: float
) -> None:
    """Of an isolated position: entry, leverage, half the initial rate at the most leverage."""
    account = fixtures("hyperliquid").reply(name)
    found = playing("hyperliquid", HYPERLIQUID.positions(BITCOIN, ["0x0"]), account)
    row = account["assetPositions"][0]["position"]
    rate = 0.5 / row["maxLeverage"]
    side = 1 if size > 0 else -1
    assert list(found.position_side * found.quantity_base) == [size]
    served = pytest.approx(float(row["liquidationPx"]), rel=1e-9)
    assert list(found.liquidation_price) == [served]
    assert liquidation_price(84_000.0, leverage, side, rate) == served
    assert -float(row["leverage"]["rawUsd"]) / (size * (1 - side * rate)) == served


def test_hyperliquid_knows_everybody() -> None:
    """An address that never traded holds nothing; that is no error."""
    conversation = HYPERLIQUID.positions(BITCOIN, ["0x" + "0" * 40])
    found = play(HYPERLIQUID, conversation, fixtures("hyperliquid").answer)
    assert (len(found), found.holders) == (0, 0)


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
    found = STREAMS["kraken"].read(json.dumps(trade), ripple).liquidations
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
