"""Order books out of rows: units, order, rows twice, one side, crossed, answers that join."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from liqmap.data.market import Instrument
from liqmap.data.order_book import OrderBook
from liqmap.errors import BadResponse, NoData
from liqmap.venues import parse
from liqmap.venues.book import Sides, order_book
from liqmap.venues.registry import ADAPTERS
from tests.support.conversation import in_turn, play

TIME_MS = 1_769_991_300_055
BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
INVERSE = Instrument("BTC-USD-PERP", "BTC-USD-SWAP", "BTC", "USD", "inverse", contract_size=100)


def sides(book: OrderBook) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Price and base of each level, bids then asks."""
    bids = zip(book.bid_price.tolist(), book.bid_base.tolist(), strict=True)
    return list(bids), list(zip(book.ask_price.tolist(), book.ask_base.tolist(), strict=True))


def made(bids: Any, asks: Any, *coarser: Sides, **unit: float) -> OrderBook:
    return order_book(BTC, TIME_MS, Sides(bids, asks), *coarser, **unit)  # type: ignore[arg-type]


def test_the_best_come_first_in_whatever_order_they_arrive() -> None:
    book = made([["98", "1"], ["99", "2"], ["97", "3"]], [[102, 5], [101, 4]])
    assert sides(book) == ([(99, 2), (98, 1), (97, 3)], [(101, 4), (102, 5)])
    assert book.time_ms == TIME_MS


def test_levels_without_a_quantity_are_none_and_are_not_missed() -> None:
    with parse.reading("Toy", "levels") as tally:
        book = made([["99", "0"], ["98", "1"]], [["101", "0.000"]])
    assert sides(book) == ([(98, 1)], [])
    assert tally.left_out == 0


def test_of_a_price_that_comes_twice_the_last_counts() -> None:
    assert sides(made([["99", "2"], ["99", "3"]], []))[0] == [(99, 3)]


def test_a_row_that_cannot_be_read_is_left_out_and_counted() -> None:
    with parse.reading("Toy", "levels") as tally:
        book = made([["99", "2"], ["98", None], ["-1", "2"]], [["101"], ["102", "1"]])
    assert sides(book) == ([(99, 2)], [(102, 1)])
    assert (tally.rows, tally.left_out) == (5, 3)


def test_a_price_out_of_reach_is_left_out() -> None:
    """Eight times from the middle; an offer of a dollar would else be the best."""
    book = made([[99, 1], [98, 1], [1, 9]], [[101, 1], [102, 1], [1, 5], [1_000, 7]])
    assert sides(book) == ([(99, 1), (98, 1)], [(101, 1), (102, 1)])


def test_one_side_is_a_book_and_none_is_not() -> None:
    assert sides(made([], [["101", "1"]])) == ([], [(101, 1)])
    with pytest.raises(NoData, match="no orders"):
        made([], [["101", "0"]])


@pytest.mark.parametrize("bid", ["101", "101.5"])
def test_a_crossed_book_is_refused(bid: str) -> None:
    with pytest.raises(parse.Malformed, match=f"a bid of {bid} is not below an ask of 101"):
        made([[bid, "1"]], [["101", "1"]])
    answer = {"b": [[bid, "1"]], "a": [["101", "1"]], "ts": TIME_MS}
    bybit = ADAPTERS["bybit"]
    with pytest.raises(BadResponse, match=r"Bybit answered .* levels of the order book"):
        play(bybit, bybit.order_book(BTC), in_turn({"retCode": 0, "result": answer}))


def test_what_is_left_out_is_said_by_the_conversation() -> None:
    bybit = ADAPTERS["bybit"]
    conversation = bybit.order_book(BTC)
    next(conversation)
    said = conversation.send([{"b": [["99", "1"], ["98", ""]], "a": [], "ts": TIME_MS}])
    assert getattr(said, "sentence", "") == (
        "Bybit: 1 of 2 levels of the order book could not be read and is left out."
    )


# ---------------------------------------------------------------- units


def test_contracts_are_of_base_coin() -> None:
    assert sides(made([["50000", "250"]], [], contract_size=0.01))[0] == [(50_000, 2.5)]


def test_inverse_contracts_are_dollars() -> None:
    """OKX counts contracts of $100: 200 are $20,000, at 80,000 a quarter of a bitcoin."""
    okx = ADAPTERS["okx"]
    level = {"bids": [["80000", "200", "0", "1"]], "asks": [["100000", "200", "0", "1"]]}
    answer = {"code": "0", "data": [{**level, "ts": str(TIME_MS)}]}
    book = play(okx, okx.order_book(INVERSE), in_turn(answer))
    assert sides(book) == ([(80_000, 0.25)], [(100_000, 0.2)])


def test_deribit_counts_dollars_or_coins_as_the_contract_does() -> None:
    deribit = ADAPTERS["deribit"]
    answer = {"result": {"bids": [[80000.0, 20000.0]], "asks": [], "timestamp": TIME_MS}}
    coins = Instrument("ETH-USDC-PERP", "ETH_USDC-PERPETUAL", "ETH", "USDC")
    for one, base in ((INVERSE, 0.25), (coins, 20_000.0)):
        book = play(deribit, deribit.order_book(one), in_turn(answer))
        assert sides(book)[0] == [(80_000, base)]


def test_lighter_adds_up_orders_and_knows_one_that_comes_twice() -> None:
    lighter = ADAPTERS["lighter"]
    orders = [
        {"order_id": number, "price": "2500.0", "remaining_base_amount": size}
        for number, size in (("7", "1.5"), ("8", "2"), ("7", "1.0"))
    ]
    answer = {"code": 200, "bids": orders, "asks": []}
    newest = {"code": 200, "trades": [{"timestamp": TIME_MS}]}
    ether = Instrument("ETH-USDC-PERP", "0", "ETH", "USDC")
    book = play(lighter, lighter.order_book(ether), in_turn(answer, newest))
    assert sides(book) == ([(2500, 3.0)], [])
    assert book.time_ms == TIME_MS


# ---------------------------------------------------------------- several answers

FINE = Sides([[99, 1], [98, 2], [95, 4]], [[101, 1], [103, 2]])


def test_a_coarser_answer_gives_what_lies_beyond() -> None:
    """Steps of ten: 90 holds 98 and 95 too, of its 12 only 5 lie beyond; 110 holds both asks."""
    coarse = Sides([[90, 12], [80, 30]], [[110, 3.5], [120, 40]])
    assert sides(made(*FINE, coarse)) == (
        [(99, 1), (98, 2), (95, 4), (90, 5), (80, 30)],
        [(101, 1), (103, 2), (110, 0.5), (120, 40)],
    )


def test_what_the_finer_hold_is_not_given_again() -> None:
    """Also where it was more by then: all of 90, and a part of 80."""
    coarse = Sides([[90, 6], [80, 30]], [[103, 3]])
    assert sides(made(*FINE, coarse)) == (
        [(99, 1), (98, 2), (95, 4), (80, 29)],
        [(101, 1), (103, 2)],
    )


def test_several_scales_sum_to_the_whole_book() -> None:
    """Prices of a whole book, rounded at three scales and cut: all is there, once, in place."""
    rng = np.random.default_rng(5)
    price, base = np.arange(9_999, 9_000, -1), rng.uniform(0.1, 5.0, 999)

    def rounded(step: int, most: int) -> list[list[float]]:
        level = price // step * step
        kept = np.unique(level)[::-1][:most]
        return [[float(one), float(base[level == one].sum())] for one in kept]

    answers = [Sides(rounded(step, most), []) for step, most in ((1, 37), (10, 23), (100, 99))]
    book = order_book(BTC, TIME_MS, *answers)
    assert book.bid_base.sum() == pytest.approx(base.sum())
    for step, farthest in ((1, 9_963), (10, 9_770), (100, 9_000)):
        edges = np.arange(9_990 // step * step, farthest - 1, -step)
        found = [book.bid_base[book.bid_price >= edge].sum() for edge in edges]
        whole = [base[price >= edge].sum() for edge in edges]
        np.testing.assert_allclose(found, whole)


def test_a_side_that_the_finest_lacks_comes_from_the_next() -> None:
    coarse = Sides([[90, 6]], [[110, 3]])
    assert sides(made([], [[101, 1]], coarse)) == ([(90, 6)], [(101, 1), (110, 2)])
