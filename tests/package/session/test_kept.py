"""A picture with what was kept of the one before is, value by value, the one that is drawn anew."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.estimate.density import Density, Matrix
from liqmap.evaluate.realised_share import ASSUMED
from liqmap.picture import heatmap
from liqmap.picture.cells import amounts_quote
from liqmap.picture.coloring import Colors
from liqmap.picture.heatmap import Heatmap, Kept
from liqmap.picture.viewport import Screen, Window
from liqmap.session.estimates import Estimates
from liqmap.session.messages import plain
from liqmap.session.panels.heatmap import HeatmapPanel
from liqmap.session.state import Loaded, State
from liqmap.view import HOUR_MS, STEP_MS, View

BARS, BEGIN = 700, 500
SHARES = partial(ASSUMED.__getitem__, "this_venue")


def market(bars: int, seed: int, *, gap: bool, half_done: bool) -> Market:
    """The first bars of a random market; some may be missing, and the last not have ended."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(0.002 * random.standard_normal(BARS)))
    open_ = np.append(100.0, close[:-1])
    high, low = np.maximum(open_, close) * 1.001, np.minimum(open_, close) * 0.999
    held = 1_000 * (1 + 0.2 * np.sin(np.arange(BARS) / 20))
    volume = random.exponential(90, BARS)
    time_ms = STEP_MS * np.arange(float(BARS))
    there = np.arange(BARS) < bars
    if gap:
        there &= (np.arange(BARS) < BEGIN + 3) | (np.arange(BARS) > BEGIN + 11)
    if half_done:
        at = int(np.flatnonzero(there)[-1])
        close[at] = open_[at]
        volume[at] *= 0.3
    candles = Candles(time_ms, open_, high, low, close, volume, step_ms=float(STEP_MS)).rows(there)
    instrument = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
    return Market("bybit", instrument, candles, OpenInterest(candles.end_ms, held[there]))


def without(kept: Kept | None) -> Kept | None:
    """The scale alone: no cell may be taken over."""
    return kept and replace(kept, whole=replace(kept.whole, settled=None))


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    else:
        np.testing.assert_array_equal(one, other)


def recolored(picture: Heatmap, message: Colors) -> Heatmap:
    """What the page makes of it."""
    other = picture.other_image
    if other is not None:
        assert message.other_rgba is not None
        other = replace(other, rgba=message.other_rgba)
    return replace(
        picture,
        query=message.query,
        colors=message.colors,
        image=replace(picture.image, rgba=message.rgba),
        other_image=other,
    )


ticks = st.integers(0, 9)
changes = st.dictionaries(
    st.sampled_from(
        ["floor", "ceiling", "palette", "theme", "positions", "bands", "axis", "scale"]
    ),
    st.integers(0, 99),
    max_size=2,
)
CHOICES = {
    "palette": ("classic", "viridis", "inferno"),
    "theme": ("dark", "light", "auto"),
    "positions": ("both", "long", "short"),
    "bands": ("both", "both", "live", "cleared"),
    "axis": ("linear", "log"),
    "scale": ("linear", "log", "rank"),
    "versus": ("none", "turnover"),
    "comparison": ("difference", "side"),
    "reading": ("exposure", "expected"),
}
windows = st.sampled_from([None, None, Window(1.2e8, 1.6e8, 97.0, 103.0)])
screens = st.sampled_from([Screen(120, 600), Screen(120, 600), Screen(300, 200, True)])
steps = st.lists(st.tuples(ticks, changes, windows, screens, st.booleans()), min_size=2, max_size=6)


def changed(view: View, change: dict[str, int]) -> View:
    found: dict[str, Any] = {}
    for name, number in change.items():
        if name == "floor":
            found[name] = number % view.ceiling
        elif name == "ceiling":
            found[name] = view.floor + 1 + number % (100 - view.floor)
        else:
            found[name] = CHOICES[name][number % len(CHOICES[name])]
    return replace(view, **found)


@settings(deadline=None, max_examples=25)
@given(
    steps,
    st.integers(0, 9),
    st.booleans(),
    st.sampled_from([{}, {}, {"versus": 1}, {"versus": 1, "comparison": 1}, {"reading": 1}]),
)
def test_what_is_kept_changes_no_value(
    steps: list[Any], seed: int, gap: bool, begin: dict[str, int]
) -> None:
    """Bars that come or go on, handles, other settings, windows and screens, in any order."""
    estimates, panel, bars = Estimates(), HeatmapPanel(), BEGIN
    picture: Heatmap | None = None
    state, kept = State(), None
    view = changed(View(range="24h"), begin)
    for come, change, window, screen, half_done in steps:
        bars = min(bars + come, BARS)
        view = changed(view, change)
        now = market(bars, seed, gap=gap, half_done=half_done)
        loaded = Loaded(view, {"bybit": now}, complete=True)
        redrawn = None if come else state.shown and state.shown.redrawn(view)
        shown = redrawn or estimates.shown(loaded, view, state.shown, shares=SHARES, anew=False)
        detail = None if window is None else estimates.detail(shown, window)
        state = replace(
            state, view=view, loaded=loaded, shown=replace(shown, detail=detail), screen=screen
        )
        message = panel.update(state)
        if isinstance(message, Colors):
            assert picture is not None
            picture = recolored(picture, message)
        elif message is not None:
            assert isinstance(message, Heatmap)
            picture = message
        assert state.shown is not None
        versus = None if shown.versus is None else (view.versus, shown.versus)
        anew, kept = heatmap.draw(
            shown.leader,
            shown.amounts,
            view,
            screen=screen,
            shares=shown.shares,
            versus=versus,
            detail=None if detail is None else (detail.amounts, detail.versus),
            before=without(kept),
        )
        assert picture is not None
        assert_same(plain(picture), plain(anew))


def test_a_tick_sums_the_newest_columns_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day in columns of an hour: one that has ended is not summed again, after many ticks."""
    summed: list[int] = []

    def amounts(density: Density, view: View, market: Market) -> Matrix:
        summed.append(density.time_edges_ms.size - 1)
        return amounts_quote(density, view, market)

    monkeypatch.setattr(heatmap, "amounts_quote", amounts)
    estimates, panel, state = Estimates(), HeatmapPanel(), State(screen=Screen(72, 600))
    view = View(range="24h")
    for bars in range(BEGIN, BEGIN + 30):
        now = market(bars, 0, gap=False, half_done=True)
        loaded = Loaded(view, {"bybit": now}, complete=True)
        shown = estimates.shown(loaded, view, state.shown, shares=SHARES, anew=False)
        state = replace(state, view=view, loaded=loaded, shown=shown)
        panel.update(state)
    assert summed[0] == 284, "the bars of its 23 whole hours and of the newest"
    assert max(summed[1:]) <= 2 * HOUR_MS / STEP_MS
