"""Alerts in words: rules as the page keeps them, what fires of the small picture."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import numpy as np
import pytest

from liqmap.analysis.alerts import Rule
from liqmap.data.series import Candles
from liqmap.session.desk_messages import Alerts
from liqmap.session.panels.alerts import AlertsPanel, read_rules
from liqmap.session.state import Shown, State
from tests.support.clock import run
from tests.support.markets import market as grown
from tests.support.session_page import Page, session
from tests.support.small_picture import market, shown

NEAR = Rule("near", 1_000.0, 0.2)


def later(low: float, high: float, close: float) -> Shown:
    """The small picture as its last bar goes on; 1,235 USD of shorts are at 115."""
    one = market()
    bars = one.candles
    candles = Candles(
        bars.time_ms,
        bars.open,
        np.array([103, 103, high]),
        np.array([100, 98, low]),
        np.array([102, 99, close]),
        bars.volume_base,
    )
    return replace(shown(), number=2, markets={"bybit": replace(one, candles=candles)})


def said(*states: State) -> list[tuple[str, ...]]:
    panel = AlertsPanel()
    found: list[tuple[str, ...]] = []
    for state in states:
        message = panel.update(state)
        if message is not None:
            assert isinstance(message, Alerts)
            found += list(message.fired)
    return found


def test_rules_are_read_and_what_is_unknown_is_left_out() -> None:
    kept = [
        {"kind": "near", "amount": 5e6, "rate": 0.01, "notify": True},
        {"kind": "moon", "amount": 1, "rate": 0},
    ]
    assert read_rules(json.dumps(kept)) == (Rule("near", 5e6, 0.01),)
    assert read_rules("[]") == ()


def test_what_fires_is_a_sentence_once() -> None:
    state = State(shown=shown(), rules=(Rule("swept", 1.0), NEAR))
    assert said(state, state, replace(state, shown=replace(shown(), number=5))) == [
        (
            "1",
            "BTC-USDT-PERP, Bybit: price 100.0 is 15.00% from "
            "$1.24K of shorts (exposure) at 115.0.",
        )
    ]


def test_a_sweep_and_a_return_are_told() -> None:
    rules = (Rule("swept", 1_000.0), Rule("reclaimed", 1_000.0))
    found = said(
        State(shown=shown(), rules=rules),
        State(shown=later(97, 116, 115), rules=rules),
        State(shown=replace(later(97, 116, 99), number=3), rules=rules),
    )
    assert found == [
        (
            "0",
            "BTC-USDT-PERP, Bybit: price has swept $1.24K of shorts (exposure) at 115.0; "
            "it is 115.0 now.",
        ),
        (
            "1",
            "BTC-USDT-PERP, Bybit: price is back at 99.0 after it swept "
            "$1.24K of shorts (exposure) at 115.0.",
        ),
    ]


def test_without_rules_or_a_picture_nothing_is_said() -> None:
    assert said(State(shown=shown()), State(rules=(NEAR,))) == []


def test_the_session_watches_from_the_moment_a_rule_is_there() -> None:
    page = Page()

    async def main() -> None:
        one = session(page)
        await one.show("?venue=bybit")
        assert page.of(Alerts) == []
        one.note(rules=read_rules(json.dumps([{"kind": "near", "amount": 1.0, "rate": 0.5}])))

    run(main())
    ((place, sentence),) = page.of(Alerts)[-1].fired
    assert place == "0"
    assert sentence.startswith("BTC-USDT-PERP, Bybit: price ")


@pytest.mark.parametrize("watching", [True, False])
def test_a_hidden_page_asks_for_new_bars_only_while_there_are_rules(watching: bool) -> None:
    page = Page()
    page.refreshed = [grown(more=1)]

    async def main() -> None:
        one = session(page)
        await one.show("?venue=bybit")
        text = '[{"kind": "swept", "amount": 1, "rate": 0}]' if watching else "[]"
        one.note(rules=read_rules(text))
        one.seen(visible=False)
        await asyncio.sleep(30)

    run(main())
    assert (page.refreshed == []) == watching
