"""Whatever a visitor reads of a venue can be said in another language."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest

from liqmap.errors import BadResponse, LiqmapError, named
from liqmap.language import say
from liqmap.venues import book, columns, parse, quantities, refusals, requests
from liqmap.venues.adapter import Adapter, Conversation, Remark, Reply, Request
from liqmap.venues.registry import ADAPTERS, STREAMS
from tests.support.listing import instrument_of
from tests.support.pseudo import english_in, pseudo

FAILING: dict[str, Callable[[], Any]] = {
    "blocked": lambda: refusals.decode(Reply(403, b'{"msg":"WHY"}'), "Toy"),
    "limited": lambda: refusals.decode(Reply(429, b'{"msg":"WHY"}'), "Toy"),
    "refused": lambda: refusals.decode(Reply(404, b'{"msg":"WHY"}'), "Toy"),
    "busy": lambda: refusals.decode(Reply(500, b'{"msg":"WHY"}'), "Toy"),
    "address": lambda: refusals.decode(Reply(404, b'{"msg":"WHY 203.0.113.77"}'), "Toy"),
    "empty": lambda: refusals.decode(Reply(200, b""), "Toy"),
    "page": lambda: refusals.decode(Reply(200, b"<p>WHY</p>"), "Toy"),
    "cut off": lambda: refusals.decode(Reply(200, b'{"a":'), "Toy"),
    "no orders": lambda: book.order_book(instrument_of(ADAPTERS["bybit"]), 0, book.Sides([], [])),
    "no bars": lambda: columns.candles([], (0, 1, 2, 3, 4), 60_000, 0.0, 1.0),
    "no samples": lambda: columns.open_interest([], lambda row: row, 0.0, 1.0),
    "no funding": lambda: columns.funding([], "t", "f", 0.0, 1.0),
    "no ratios": lambda: columns.ratios([], lambda row: row, 0.0, 1.0),
    "no tiers": lambda: columns.tiers([], lambda row: row),
    "no contracts": lambda: columns.by_volume([]),
    "too long": lambda: requests.windows(0, 1e15, 1e9),
    "no such bars": lambda: requests.step_name({60_000: "1m"}, 150_000, "Toy"),
}
"""Everything that a venue's files raise; `WHY` is what the venue says."""


@pytest.mark.parametrize("case", FAILING)
def test_every_refusal_and_its_hint_are_said(case: str) -> None:
    with pseudo(), pytest.raises(LiqmapError) as caught:
        FAILING[case]()
    assert "⟦" in caught.value.sentence
    assert "⟦" in caught.value.hint
    assert english_in(str(caught.value), "Toy", "WHY") == []


@pytest.mark.parametrize("venue", sorted({*ADAPTERS} - {"aster", "binance", "hyperliquid"}))
def test_a_venue_says_that_an_answer_has_not_its_usual_form(venue: str) -> None:
    adapter = ADAPTERS[venue]
    with pseudo(), pytest.raises(LiqmapError) as caught:
        adapter.read(Reply(200, b'"WHY"'))
    assert "⟦" in caught.value.sentence
    assert english_in(str(caught.value), adapter.title, "WHY") == []


def first(conversation: Conversation[Any], answers: list[Any]) -> Any:
    next(conversation)
    return conversation.send(answers)


def misread(conversation: Generator[Any, Any, Any]) -> None:
    """Hold a conversation with answers of no known shape."""
    batch = next(conversation)
    while True:
        batch = conversation.send([0 for _ in batch])


def conversations(adapter: Adapter) -> dict[str, Generator[Any, Any, Any]]:
    """All that can be asked of a venue about a contract."""
    one = instrument_of(adapter)
    return {
        "instruments": adapter.instruments(),
        "candles": adapter.candles(one, adapter.steps_ms[0]),
        "snapshot": adapter.snapshot(one),
        "open_interest": adapter.open_interest(one, 300_000, 1.7e12, 1.7e12 + 1),
        "mark": adapter.mark(one, adapter.steps_ms[0], 1.7e12, 1.7e12 + 1),
        "maintenance": adapter.maintenance(one),
        "liquidations": adapter.liquidations(one, 1.7e12, 1.7e12 + 1),
        "order_book": adapter.order_book(one),
        "funding": adapter.funding(one, 1.7e12, 1.7e12 + 1),
        "long_short_ratio": adapter.long_short_ratio(one, 300_000, 1.7e12, 1.7e12 + 1),
    }


@pytest.mark.parametrize("venue", ADAPTERS)
def test_what_a_venue_does_not_publish_and_what_cannot_be_read_are_said(venue: str) -> None:
    adapter = ADAPTERS[venue]
    with pseudo():
        for asked, conversation in conversations(adapter).items():
            with pytest.raises(LiqmapError) as caught:
                misread(conversation)
            assert "⟦" in caught.value.sentence, asked
            assert english_in(str(caught.value), adapter.title) == [], asked


def test_what_is_left_out_is_counted_in_the_visitors_language() -> None:
    class Toy:
        title = "Toy"

        @parse.conversation(quantities.BARS)
        def bars(self) -> Conversation[list[float]]:
            (answer,) = yield [Request("/")]
            return parse.kept(answer, parse.positive)

    for odd in (1, 2):
        with pseudo():
            said = first(Toy().bars(), [[1.0, *[None] * odd]])
        assert isinstance(said, Remark)
        assert english_in(said.sentence, "Toy") == []
        assert [one for one in said.sentence if one.isdigit()] == [str(odd), str(1 + odd)]


@pytest.mark.parametrize("venue", STREAMS)
def test_what_a_stream_shows_is_a_sentence_to_translate(venue: str) -> None:
    with pseudo():
        assert english_in(say(STREAMS[venue].completeness)) == []


def test_a_name_before_a_sentence_is_set_as_the_language_does() -> None:
    with pseudo():
        assert named("…", "Toy") == "⟦Toy: …⟧"
    assert named("Toy has nothing.", "Toy") == "Toy has nothing."


def test_details_for_a_report_stay_english() -> None:
    with pseudo(), pytest.raises(BadResponse) as caught, parse.reading("Toy", "bars"):
        raise parse.Malformed("row 3 is odd")
    assert "row 3 is odd" in caught.value.detail
    assert caught.value.where == "Toy · bars"
