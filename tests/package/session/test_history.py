"""The history in words: levels, their touches and controls, and the lines of the picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.analysis.levels import History, Level, Outcome, Side, Trials
from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Candles
from liqmap.picture.level_lines import MOST_LINES, SOURCES, lines
from liqmap.session.desk_messages import Levels
from liqmap.session.panels.history import HistoryPanel
from liqmap.session.state import Heard, State
from tests.support.small_picture import market, shown

HOUR = 3_600_000.0
CLOSES = (100.0, 101.0, 99.9, 101.0, 99.0, 99.0)
"""By hour. The newest bar has not ended."""


def heard(*rows: tuple[float, float, float, float], native: str = "BTCUSDT") -> Heard:
    """Rows of (hour, side, price, quantity), of a contract of Bybit."""
    contracts = {"bybit": replace(market().instrument, native=native)}
    hours, side, price, quantity = np.array(rows).reshape(-1, 4).T
    seen = Liquidations.sorted(HOUR * hours, side, price, quantity)
    return Heard(contracts, seen={"bybit": seen}, watched={}, words=(), kept=len(seen))


def state(known: Heard | None, closes: tuple[float, ...] = CLOSES) -> State:
    close = np.array(closes, np.float64)
    opened = np.concatenate([close[:1], close[:-1]])
    low, high = np.minimum(opened, close), np.maximum(opened, close)
    candles = Candles(
        HOUR * np.arange(float(close.size)), opened, high, low, close, np.ones(close.size)
    )
    return State(
        shown=replace(shown(), markets={"bybit": replace(market(), candles=candles)}), heard=known
    )


def said(known: Heard | None) -> Levels:
    message = HistoryPanel().update(state(known))
    assert isinstance(message, Levels)
    return message


def test_a_level_is_a_row_below_the_sum_of_its_side() -> None:
    """Longs at 100 in the first bar, which closes in their band; a day is not loaded: 0.2 %.

    Away at 101, touched at 99.9, back at 101: held. Touched in the fall to 99: broken. The band
    of 100 is the power 2304 of 1.002: 99.82 to 100.02.
    """
    message = said(heard((0.5, 1, 100, 7), (0.6, 1, 100, 3)))
    total, row = message.rows
    assert total[:4] == ("All bands", "$1.00K longs", "1", "")
    assert row[:5] == ("99.8–100.0", "$1.00K longs", "1", "weak support", "1 of 2\n9–91%")
    assert total[4] == row[4]
    assert message.proven == (False, False)
    assert "Bands of 0.2% of the price" in message.words
    assert "since 01 Jan 00:30 UTC (0.2 days)" in message.words
    assert "no promise" in message.words


def test_controls_are_said_with_their_number() -> None:
    """Powers of 1.002: 2300 is 99.03, 2304 is 99.82, 2305 is 100.02, 2309 is 100.83.

    101 is away from the bands up to 2307. The fall to 99.9 touches 2305, which holds, and 2306
    and 2307, which it breaks. The fall to 99 touches 2299 to 2307 without the level, 2304, and
    breaks those from 2301 on: six.
    """
    message = said(heard((0.5, 1, 100, 10)))
    assert message.rows[0][5] == message.rows[1][5] == "11%\nof 9"


def test_it_is_found_anew_when_a_bar_has_ended_or_more_is_known_of_ended_ones() -> None:
    panel = HistoryPanel()
    assert isinstance(panel.update(state(heard((0.5, 1, 100, 10)))), Levels)
    assert panel.update(state(heard((0.5, 1, 100, 10)))) is None
    assert panel.update(state(heard((0.5, 1, 100, 10), (5.5, 1, 99, 10)))) is None
    more = panel.update(state(heard((0.5, 1, 100, 10), (1.5, -1, 101, 10))))
    assert isinstance(more, Levels)
    assert len(more.rows) == 4
    later = panel.update(state(heard((0.5, 1, 100, 10), (1.5, -1, 101, 10)), (*CLOSES, 98.0)))
    assert isinstance(later, Levels)
    assert panel.update(State()) is None


def test_without_liquidations_it_says_so() -> None:
    before = heard((0.5, 1, 100, 7), native="ETHUSDT")  # of the market that was shown before
    for known in (None, heard(), before):
        message = said(known)
        assert message.rows == ()
        assert message.words.startswith("No large liquidation is known")
        assert "Bybit keeps no list of past ones" in message.words
        assert "Bitget, OKX, Deribit, Lighter, dYdX and Kraken Futures keep one" in message.words
        assert message.sources["level_lines"]["words"] == []


def level(
    price: float, side: int = 1, *, held: int = 0, newest: Outcome = "held", usd: float = 1e6
) -> Level:
    return Level(side, price * 0.999, price / 0.999, usd, 1, 50.0, 60.0, newest, Trials(held, 0))


def drawn(*levels: Level) -> dict[str, Any]:
    base = Side(Trials(0, 0), Trials(50, 50))
    of = History(0.0, 100.0, 0.002, levels, {1: base, -1: base})
    return lines(of, np.array([0.0, 200.0]), np.array([80.0, 120.0]))


def test_lines_begin_with_their_level_and_say_what_it_was() -> None:
    columns = drawn(
        level(90, newest="broken"),
        level(100, -1, newest="broken", usd=2e6),
        level(110, -1, held=10, newest="held"),
        level(95, newest="open"),
    )
    assert tuple(columns) == SOURCES["level_lines"]
    assert columns["words"] == [
        "resistance held",
        "weak support",
        "weak resistance",
        "open",
    ]
    assert list(columns["y"]) == pytest.approx([110, 90, 100, 95])
    assert columns["side"] == ["short", "long", "short", "long"]
    assert list(columns["x0"]) == [50.0] * 4
    assert list(columns["x1"]) == [200.0] * 4
    assert columns["alpha"][0] > max(columns["alpha"][1:])


def test_lines_are_few_and_apart_and_on_the_picture() -> None:
    assert len(drawn(*(level(price) for price in range(81, 119, 2)))["y"]) == MOST_LINES
    late = replace(level(110), first_ms=200.0)
    near = drawn(late, level(100), level(101), level(130), level(79), level(102))
    assert list(near["y"]) == pytest.approx([100, 102])
