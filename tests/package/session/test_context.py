"""The strip below the picture: what it says of which market, and when a venue is asked for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.data.market import Market
from liqmap.data.samples import Samples
from liqmap.data.series import OpenInterest
from liqmap.errors import Unreachable
from liqmap.feed.directory import Directory
from liqmap.picture.context import Context
from liqmap.session import told as told_module
from liqmap.session.panels.context import ContextPanel
from liqmap.session.state import Shown, State, Told
from liqmap.session.told import EVERY_MS, ToldSeries, about_told
from liqmap.venues.adapter import Reply
from liqmap.view import View
from tests.support.clock import run
from tests.support.small_picture import STEP, market, shown
from tests.support.venue import MARKET, NOW, bitcoin, sending
from tools.replay.registry import VENUES

FUNDING, RATIO = "Funding rate per interval", "Long accounts ÷ short accounts"


def picture(asked: str, *venues: str, **changes: Any) -> Shown:
    """The small picture with a strip: open interest 6, 7, 4; takers bought 4, 1, 3.5."""
    one = market()
    samples = OpenInterest(STEP * np.arange(4.0), np.array([6.0, 6, 7, 4]))
    candles = replace(one.candles, taker_buy_base=np.array([4, 1, 3.5]))
    one = replace(one, open_interest=samples, candles=candles, **changes)
    names = venues or ("bybit",)
    markets: dict[str, Market] = {name: replace(one, venue=name) for name in names}
    return replace(shown(), view=View(context=asked), markets=markets)


def said(one: Shown, told: Told | None = None) -> Context:
    message = ContextPanel().update(State(shown=one, told=told))
    assert isinstance(message, Context)
    return message


def values(message: Context) -> list[float]:
    found: list[float] = np.asarray(message.sources["context_line"]["value"]).tolist()
    return found


def read(one: Shown, values: list[float], times: list[float], trouble: str = "") -> Told:
    about = about_told(one)
    assert about is not None
    return Told(about, Samples(STEP * np.array(times), np.array(values)), trouble, 0.0)


def test_a_page_that_never_asks_hears_nothing_and_one_that_asks_no_more_is_told() -> None:
    panel = ContextPanel()
    nothing, asked = State(shown=picture("none")), State(shown=picture("oi"))
    assert panel.update(State()) is None
    assert panel.update(nothing) is None
    assert panel.update(asked) is not None
    assert panel.update(asked) is None
    hidden = panel.update(nothing)
    assert isinstance(hidden, Context)
    assert not hidden.visible


def test_open_interest_and_takers_are_of_the_market() -> None:
    message = said(picture("oi"))
    assert message.caption == "Open interest, change since the left edge, BTC"
    assert values(message) == [0, 0, 1, -2]
    takers = said(picture("cvd", "binance"))
    assert takers.caption == "Taker buys − sells, summed from the left edge, BTC"
    assert values(takers) == [0, 3, -1, -1]


def test_of_a_sum_they_are_the_first_market_s() -> None:
    assert said(picture("cvd", "binance", "bybit")).caption.endswith(", BTC, Binance alone")
    assert said(picture("oi", "bybit", "binance")).caption.endswith(", BTC, Bybit alone")


@pytest.mark.parametrize(
    ("asked", "venues", "name", "why"),
    [
        ("cvd", ["bybit"], "Taker buys − sells", "Bybit does not publish it to browsers"),
        ("oi", ["aster"], "Open interest", "Aster does not publish its history to browsers"),
        (
            "ratio",
            ["dydx"],
            "Long accounts ÷ short accounts",
            "dYdX does not publish it to browsers",
        ),
        ("funding", ["bybit", "okx"], FUNDING, "not of a sum, choose one venue"),
        ("funding", ["bybit"], FUNDING, "being read …"),
    ],
)
def test_what_is_missing_is_said(asked: str, venues: list[str], name: str, why: str) -> None:
    message = said(picture(asked, *venues))
    assert (message.caption, message.visible, values(message)) == (f"{name}: {why}", True, [])


def test_a_simulation_has_open_interest_and_no_funding() -> None:
    assert values(said(picture("oi", "demo", simulated=True))) == [0, 0, 1, -2]
    caption = said(picture("funding", "demo", simulated=True)).caption
    assert caption == "Funding rate per interval: a simulated market has none"


def test_funding_is_in_per_cent_and_accounts_have_their_level() -> None:
    one = picture("funding")
    message = said(one, read(one, [0.0001, 0.0002], [0, 2]))
    assert (message.caption, message.unit) == ("Funding rate per interval, %", "%")
    assert values(message) == pytest.approx([0.02, 0.02])
    one = picture("ratio")
    message = said(one, read(one, [1.5, 2.5], [1, 2], "Bybit does not answer"))
    assert message.caption == ("Long accounts ÷ short accounts (not newer: Bybit does not answer)")
    assert (values(message), message.level) == ([1.5, 2.5], 1)


def test_what_was_read_for_another_picture_is_not_shown() -> None:
    other = read(picture("ratio"), [1.5, 2.5], [1, 2])
    assert said(picture("funding"), other).caption.endswith("being read …")


class Reading:
    """A visitor whose strip is read from Bybit's stand-in; `shut`, it does not answer."""

    def __init__(self, asked: str) -> None:
        one = picture(asked)
        contract = replace(one.leader, instrument=bitcoin("bybit"))
        self.shut, self.now_ms, self.asked = False, 0.0, list[str]()
        edges = NOW - 864 * STEP + STEP * np.arange(865.0)
        density = replace(one.density, time_edges_ms=edges)
        self.state = State(shown=replace(one, density=density, markets={"bybit": contract}))
        answers = sending(VENUES["bybit"](MARKET), NOW, lambda url, _: self.asked.append(url))

        async def send(url: str, body: str | None) -> Reply:
            if self.shut:
                raise Unreachable("Bybit does not answer.", hint="Wait.")
            return await answers(url, body)

        self._series = ToldSeries(Directory(send), lambda: self.state, self.become)

    def become(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def learn(self) -> Told | None:
        run(self._series.learn())
        return self.state.told


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Reading]:
    def begin(asked: str) -> Reading:
        one = Reading(asked)
        monkeypatch.setattr(told_module, "wall_ms", lambda: one.now_ms)
        return one

    return begin


def test_funding_is_asked_for_once_and_again_after_five_minutes(
    reading: Callable[[str], Reading],
) -> None:
    one = reading("funding")
    first = one.learn()
    assert first is not None
    assert first.samples is not None
    hours = np.diff(first.samples.time_ms) / 3_600_000
    assert (hours == 8).all()
    assert first.samples.time_ms[0] < NOW - 864 * STEP  # since when the first is paid
    asked = len(one.asked)
    assert asked
    one.now_ms = EVERY_MS - 1
    assert one.learn() is first
    one.now_ms = EVERY_MS
    assert one.learn() is not first
    assert len(one.asked) > asked


def test_a_failure_keeps_what_was_read_and_says_why(reading: Callable[[str], Reading]) -> None:
    one = reading("ratio")
    first = one.learn()
    assert first is not None
    one.shut, one.now_ms = True, EVERY_MS
    second = one.learn()
    assert second is not None
    assert second.samples is first.samples
    assert second.trouble == "Bybit does not answer"


def test_nothing_is_asked_for_a_view_without_it(reading: Callable[[str], Reading]) -> None:
    for asked in ("none", "oi", "cvd"):
        one = reading(asked)
        assert one.learn() is None
        assert one.asked == []
