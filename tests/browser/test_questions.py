"""A trader's ten questions: the page's text answers them, with the package's own figures.

Three markets are replayed. Each answer is compared with what the session says in CPython, and
must have the form of an answer: a price, an amount, a distance, or the sentence why there is none.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import pytest
from playwright.sync_api import Locator, Page, expect

from liqmap.analysis.cascade import Impact
from liqmap.session.desk_messages import (
    Cascade,
    Cleared,
    ClusterDetail,
    Levels,
    TimeMachine,
    YourPosition,
)
from liqmap.session.messages import Message, Score, Situation
from liqmap.session.panels.clusters import clusters_of
from liqmap.session.session import Session
from tests.browser.conftest import SECONDS, Visit
from tests.support.computed import latest, said
from tests.support.replayed import MARKETS
from tools.replay.exchanges import Replay
from tools.replay.registry import VENUES

M = TypeVar("M")

QUERY = "?venue=okx"
"""A venue that lists its liquidations: the history has levels, the scorecard has rows."""
POSITION = {"side": "long", "mode": "isolated", "amount": "1000", "unit": "margin"}
LEVERAGE = "20"
PRICE, USD = r"[\d,]+(\.\d+)?", r"\$[\d.]+[KMB]?"


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """The page with its first answers, and what the package says of the same market."""

    page: Page
    sent: Sequence[Message]
    replay: Replay
    shape: Sequence[int]
    opened_s: float

    def of(self, kind: type[M]) -> M:
        return latest(kind, self.sent)

    def open(self, panel: str) -> None:
        tab = self.page.locator(f"#tabs [aria-controls=desk-{panel}]")
        if tab.get_attribute("aria-expanded") != "true":
            tab.click()

    def lines(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def read(self, selector: str, words: Iterable[str]) -> None:
        """Wait until these words stand there, an element each."""
        found = self.page.locator(selector)
        expect(found).to_have_text(list(words), timeout=SECONDS * 1000)


@pytest.fixture(params=MARKETS)
def replay(request: pytest.FixtureRequest, replays: dict[str, Replay]) -> Iterator[Replay]:
    """OKX with one of the markets."""
    okx = replays["okx"]
    before, okx.venue = okx.venue, VENUES["okx"](MARKETS[request.param])
    okx.reset()
    yield okx
    okx.venue = before


def test_the_page_answers_what_a_trader_asks(visit: Visit, replay: Replay) -> None:
    opened_s = time.monotonic()
    page = visit(f"{QUERY}#desk-clusters")
    shape = page.evaluate("(({rows, columns}) => [rows, columns])(liqmap.picture.image)")
    replay.reset()  # what the page has asked is not counted against the package
    sent = said(QUERY, {"okx": replay.origin}, shape, asking)
    answers = Answers(page, sent, replay, shape, opened_s)
    asked = QUESTIONS if replay.venue.market is MARKETS["simulated"] else OF_THE_MARKET
    wrong = []
    for question, answered in asked.items():
        try:
            answered(answers)
        except AssertionError as error:
            wrong.append(f"{question}\n{error}")
    assert not wrong, "\n\n".join(wrong)


async def asking(session: Session) -> None:
    """What the visitor does, all but going back."""
    try:
        async with asyncio.timeout(SECONDS):
            while not listed(session):
                await asyncio.sleep(0.01)
    except TimeoutError:
        heard = session.state.heard
        raise AssertionError(f"no list of liquidations: {heard and heard.words}") from None
    session.note(desk="desk-cleared")
    standing = session.state.standing
    assert standing is not None
    first = min(clusters_of(standing), key=lambda one: abs(one.distance_rate))
    await session.desk.selection.choose(first.position_side, first.price)
    await session.desk.scenarios.play(-0.03, Impact())
    await session.desk.position.take({**POSITION, "leverage": LEVERAGE})


def listed(session: Session) -> bool:
    """Whether the venue's own list of liquidations is here."""
    heard = session.state.heard
    return heard is not None and any(map(len, heard.seen.values()))


# ---------------------------------------------------------------- the questions


def nearest_clusters(answers: Answers) -> None:
    cards = answers.of(Situation).cards
    answers.read("#situation p", chain(*cards))
    for title, who in (("Above", "shorts"), ("Below", "longs")):
        text = answers.lines("#situation div").filter(has_text=title).first.inner_text()
        assert re.search(rf"{USD} {who} at {PRICE}\s+[+−]\d+\.\d% ·", text), text


def imbalance(answers: Answers) -> None:
    card = answers.lines("#situation div").filter(has_text="Within ±2%")
    words = rf"{USD} longs, {USD} shorts\s*leans \d+% to (longs|shorts) · P10–P90 −?\d+% to −?\d+%"
    expect(card).to_contain_text(re.compile(words))


def fall_of_three_percent(answers: Answers) -> None:
    answers.open("cascade")
    message = answers.of(Cascade)
    answers.read("#cascade-words p", message.words)
    swept, landing = message.words[:2]
    assert re.search(rf"falls 3% to {PRICE} \(scenario\): {USD} .* of longs are forced", swept)
    assert re.search(rf"takes them (alone )?down to (at least )?{PRICE}|no landing price", landing)


def liquidation_price(answers: Answers) -> None:
    answers.open("position")
    answers.page.fill("#position [name=leverage]", LEVERAGE)
    answers.page.fill("#position [name=amount]", POSITION["amount"])
    answers.page.keyboard.press("Enter")
    rows = answers.of(YourPosition).rows
    words = chain(*((title + figure, below) for title, figure, below in rows))
    answers.read("#position-figures tr", words)
    figures = {title: (figure, below) for title, figure, below in rows}
    price, distance = figures["Liquidation, by mark price"]
    assert re.fullmatch(PRICE, price)
    assert re.match(r"[+−]\d+\.\d% from here", distance)


def held_before(answers: Answers) -> None:
    answers.open("history")
    message = answers.of(Levels)
    answers.read("#history tbody td", chain(*message.rows))
    answers.read("#history-words", [message.words])
    assert re.match(r"\d+ of \d+\n\d+–\d+%", message.rows[0][4])


def cleared(answers: Answers) -> None:
    answers.open("cleared")
    message = answers.of(Cleared)
    expect(answers.lines("#cleared-words")).to_have_text(message.since)
    expect(answers.lines("#cleared td")).to_have_text(
        [cell for row in message.rows for cell in row]
    )
    assert any(re.fullmatch(rf"\d+% of {USD}", cell) for row in message.rows for cell in row)


def why_here(answers: Answers) -> None:
    answers.open("clusters")
    answers.lines("#levels tbody button").first.click()
    message = answers.of(ClusterDetail)
    answers.read("#cluster-title", [message.title])
    answers.read("#cluster-facts td", chain(*message.facts))
    answers.read("#cluster-leverages td", chain(*message.leverages))
    assert {"Opened", "State"} <= {row[0] for row in message.facts}
    assert message.leverages


def how_old(answers: Answers) -> None:
    assert answers.of(Situation).live
    words = answers.lines("#age").inner_text()
    found = re.fullmatch(r"live · (\d+) s ago", words)
    assert found, words
    assert int(found[1]) <= time.monotonic() - answers.opened_s


def any_good(answers: Answers) -> None:
    answers.open("score")
    message = answers.of(Score)
    answers.read("#score-verdict", [message.verdict])
    answers.read("#score-words", [message.words])
    assert re.search(r"not proven|better|worse|proven", message.verdict, re.IGNORECASE)


def three_hours_before(answers: Answers) -> None:
    answers.open("time")
    page, now = answers.page, answers.of(TimeMachine)
    page.fill("#as-of", str(now.steps - 180 // now.step_minutes))
    page.wait_for_function("location.search.includes('asof')")
    query = page.evaluate("location.search")
    sent = said(query, {"okx": answers.replay.origin}, answers.shape)
    then, after = latest(Situation, sent), latest(TimeMachine, sent)
    end_minute = answers.replay.clock() // 60_000
    assert after.instant_minute == end_minute - 180
    answers.read("#age", [f"as of {after.as_of} UTC, not live"])
    answers.read("#situation p", chain(*then.cards))
    answers.read("#after-cards p", chain(*after.cards))
    assert then.cards != answers.of(Situation).cards


QUESTIONS: dict[str, Callable[[Answers], None]] = {
    "Where is the nearest large cluster above, and below?": nearest_clusters,
    "Which way is the imbalance?": imbalance,
    "What happens if price falls 3 %?": fall_of_three_percent,
    "Where am I liquidated at 20×?": liquidation_price,
    "Did this level hold before?": held_before,
    "What was cleared since the beginning?": cleared,
    "Why is this cluster here?": why_here,
    "How old are the data?": how_old,
    "Is this tool any good?": any_good,
    "What stood three hours ago?": three_hours_before,
}
OF_THE_MARKET = {
    question: answered
    for question, answered in QUESTIONS.items()
    if answered not in (how_old, any_good, three_hours_before)
}
"""Asked of the other markets: what depends on their numbers most, for less time."""
