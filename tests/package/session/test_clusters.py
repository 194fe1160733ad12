"""The table of clusters and the detail of one: of the small picture, by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.analysis.clusters import band_quote
from liqmap.estimate.leverage import RANGES
from liqmap.session.desk_messages import ClusterDetail
from liqmap.session.messages import Clusters
from liqmap.session.panels.cluster_detail import ClusterDetailPanel
from liqmap.session.panels.clusters import ClustersPanel, clusters_of
from liqmap.session.selection import Selection, questions
from liqmap.session.session import Session
from liqmap.session.state import Chosen, Confluence, Fullest, Loaded, Shown, State
from liqmap.view import View
from tests.support.clock import run
from tests.support.random_markets import bars_at
from tests.support.session_page import Page, session
from tests.support.small_picture import STEP, density, market, shown


def table(picture: Shown) -> Clusters:
    message = ClustersPanel().update(State(shown=picture))
    assert isinstance(message, Clusters)
    return message


def detail(picture: Shown, chosen: Chosen, confluence: Confluence | None = None) -> ClusterDetail:
    state = State(shown=picture, chosen=chosen, confluence=confluence)
    message = ClusterDetailPanel().update(state)
    assert isinstance(message, ClusterDetail)
    return message


def facts(found: ClusterDetail) -> dict[str, str]:
    return {row[0]: row[1] for row in found.facts}


def swept() -> Shown:
    """The second bar swept the longs at 95 and closed below them; those at 85 still wait."""
    longs = np.array([[2, 2, 2], [9, 0, 0], [0, 0, 0], [0, 0, 0]], np.float32)
    one = replace(density(), long_base=longs, long_by_leverage_base=np.zeros((2, 4), np.float32))
    bars = bars_at((102, 103, 101, 102), (102, 102, 91, 92), (92, 94, 92, 93))
    markets = {"bybit": replace(market(), candles=bars)}
    return replace(shown(), markets=markets, density=one, amounts=one, parts={"bybit": one})


def test_the_rows_say_price_side_amount_distance_state_and_age() -> None:
    """The highs are 103, the lows 97: all bars reach into both bands, which are 20 wide."""
    found = table(shown())
    assert found.rows[:2] == (
        ("115.0", "short", "$1.24K", "–", "+15.0%", "held 3 bars 15\u00a0min+"),
        ("85.0", "long", "$340", "–", "−15.0%", "held 3 bars 15\u00a0min+"),
    )
    assert (found.unit, found.waiting) == ("Exposure", len(found.rows))
    assert found.pain == "Max pain: longs at 85.0 ($340), shorts at 115.0 ($1.24K)"
    assert found.prices[:2] == (115.0, 85.0)
    assert {name: ends[1] for name, ends in found.bands.items()} == {
        "left": 0.0,
        "right": 3 * STEP,
        "bottom": 80.0,
        "top": 100.0,
    }


def test_a_swept_cluster_has_its_part_and_its_time() -> None:
    """Its band goes from 80 to 110, so that both bars after the first are one visit."""
    found = table(swept())
    row = found.waiting
    assert found.rows[row] == (
        *("95.0", "long", "$855", "–", "+2.15%"),
        "83% swept 5\u00a0min ago",
    )
    assert found.bands["right"][row] == 2 * STEP
    lines = facts(detail(swept(), Chosen(1, 95.0)))
    assert lines["State"] == "swept 01 Jan 00:10; 83% of it swept, 17% there now"
    assert lines["Opened"] == "100% before the picture"


def test_rows_are_ordered_by_each_column() -> None:
    found = table(swept())
    sizes = [{"$1.24K": 1235, "$855": 855, "$170": 170}[row[2]] for row in found.rows]
    assert [sizes[row] for row in found.orders["size"]] == sorted(sizes)
    away = [abs(price - 93) for price in found.prices]
    assert [away[row] for row in found.orders["distance"]] == sorted(away)
    assert [found.rows[row][1] for row in found.orders["side"]] == ["long", "long", "short"]
    for order in found.orders.values():
        assert sorted(order) == list(range(len(found.rows)))


def test_the_detail_says_why_a_cluster_is_there() -> None:
    """Longs of the lowest two bins: 3, 3 and 4 BTC, of which those at 95 have left at last."""
    found = detail(shown(), Chosen(1, 85.0))
    assert (found.row, found.title) == (1, "Why longs at 85.0?")
    assert facts(found) == {
        "Band": "80.0–100.0, $340 exposure",
        "Reached": "by diffusion in 24h: 67%",
        "State": "held 3 bars, the last 01 Jan 00:15",
        "Opened": "78% before the picture, half of the rest from 01 Jan 00:10 to 01 Jan 00:15",
        "Has left": "0% of the most, $340 on 01 Jan 00:15",
        "Confluence": "other estimates are on their way",
    }
    assert found.venues == ()


def test_a_range_of_leverage_has_its_part_and_its_entries() -> None:
    """By the model's own ranges; the bars traded from 91 to 103, where 3–5× longs never entered."""
    picture = swept()
    parts = np.zeros((7, 4), np.float32)
    parts[[1, 4], 0] = 1.5, 0.5
    one = replace(picture.amounts, ranges=RANGES, long_by_leverage_base=parts)
    found = detail(replace(picture, amounts=one), Chosen(1, 85.0))
    assert [row[:3] for row in found.leverages] == [
        ("3–5×", "$128", "75%"),
        ("25–50×", "$42", "25%"),
    ]
    assert found.leverages[0][3:] == ("–", "99.5–103.0")  # 80 / (0.8 / 0.995) at 5×
    assert detail(shown(), Chosen(1, 85.0)).leverages == ()  # of a mix that is not the model's


def test_what_has_left_is_said_by_range_of_leverage() -> None:
    """Of what the band held at its fullest, a time that the picture must still have."""
    picture = swept()
    parts = np.zeros((7, 4), np.float32)
    parts[[1, 2, 4], 0] = 1.5, 0.3, 0.2
    one = replace(picture.amounts, ranges=RANGES, long_by_leverage_base=parts)
    picture = replace(picture, amounts=one, density=one)
    chosen = Chosen(1, 85.0)
    then_quote = np.zeros(7)
    then_quote[[1, 2]] = 2 * 127.5, 20.0

    def left(about: float) -> list[str]:
        fullest = Fullest((chosen, about, "balance", (), ("bybit",)), then_quote)
        state = State(shown=picture, chosen=chosen, fullest=fullest)
        message = ClusterDetailPanel().update(state)
        assert isinstance(message, ClusterDetail)
        return [row[3] for row in message.leverages]

    assert left(STEP) == ["50%", "more now", "more now"]
    assert left(2 * STEP) == ["–", "–", "–"]


def test_a_sum_says_what_each_venue_holds_and_what_has_left() -> None:
    picture = shown(venues=("bybit", "okx"))
    longs = density().long_base.copy()
    longs[0] = [8, 4, 2]
    parts = {"bybit": density(), "okx": replace(density(), long_base=longs)}
    found = detail(replace(picture, parts=parts), Chosen(1, 85.0))
    assert found.venues == (("Bybit", "$340", "67%", "0%"), ("OKX", "$170", "33%", "78%"))


def test_what_is_no_longer_listed_has_no_detail() -> None:
    assert detail(shown(), Chosen(1, 115.0)).row == -1
    assert ClusterDetailPanel().update(State(shown=shown())) is None


def test_confluence_counts_estimates_beside_what_chance_gives() -> None:
    """One of three has longs there; bands as wide, 20, have theirs from 80 to 95 of 80 to 100."""
    picture = shown()
    here = next(one for one in clusters_of(picture) if one.price == 85.0)
    away = replace(here, position_side=-1)
    found = Confluence(
        picture.doubts_about, {"Balance 24h": (here,), "Turnover 24h": (away,), "Survivor 24h": ()}
    )
    said = facts(detail(picture, Chosen(1, 85.0), found))
    assert said["Confluence"] == "in 1 of 3 estimates, by chance in 0.8: Balance 24h"
    other = replace(found, about=())
    said = facts(detail(picture, Chosen(1, 85.0), other))
    assert said["Confluence"] == "other estimates are on their way"


# ---------------------------------------------------------------- the selection


def test_each_model_is_asked_of_each_window_that_the_bars_fill() -> None:
    days = 4 * 288
    candles = bars_at(*[100.0 + one % 3 for one in range(days)])
    picture = replace(shown(), markets={"bybit": replace(market(), candles=candles)})
    assert [one.name for one in questions(picture)] == [
        *("Balance 24h", "Balance 3d", "Turnover 24h", "Turnover 3d"),
        *("Survivor 24h", "Survivor 3d"),
    ]
    assert {one.first_ms for one in questions(picture)} == {3 * 288 * STEP, 288 * STEP}
    short = replace(shown(), view=View(range="12h"))
    assert [one.name for one in questions(short)] == ["Balance 12h", "Turnover 12h", "Survivor 12h"]


async def choosing(page: Page) -> Session:
    """A session with the largest cluster of its picture chosen."""
    one = session(page)
    await one.show("?range=24h")
    assert one.state.confluence is None
    (message,) = page.of(Clusters)
    side = 1 if message.rows[0][1] == "long" else -1
    await one.desk.selection.choose(side, message.prices[0])
    return one


def test_other_estimates_are_made_once_and_only_for_who_chooses() -> None:
    page = Page()

    async def main() -> None:
        one = await choosing(page)
        chosen = one.state.chosen
        assert chosen is not None
        first, second, third = page.of(ClusterDetail)
        assert first.row == second.row == third.row == 0
        assert {row[3] for row in first.leverages} == {"–"}
        assert {row[3] for row in second.leverages} != {"–"}
        assert second.facts[-1][1] == "other estimates are on their way"
        assert third.facts[-1][1].startswith("in ")
        known = one.state.confluence
        assert known is not None
        assert len(known.estimates) == 6
        await one.desk.selection.choose(chosen.position_side, chosen.price)
        await one.desk.selection.choose(0, 0.0)
        assert one.state.confluence is known
        assert one.state.chosen is None

    run(main())


def test_what_a_band_held_when_it_was_fullest_is_of_the_same_estimate() -> None:
    """By leverage it sums up to what the picture's column shows there."""
    page = Page()

    async def main() -> None:
        one = session(page)
        await one.show("?range=24h")
        picture = one.state.shown
        assert picture is not None
        for cluster in clusters_of(picture)[:3]:
            await one.desk.selection.choose(cluster.position_side, cluster.price)
            fullest, held = one.state.fullest, band_quote(picture.amounts, cluster)
            assert fullest is not None
            assert fullest.about[1] == picture.amounts.time_edges_ms[held.argmax() + 1]
            assert fullest.by_leverage_quote.sum() == pytest.approx(held.max(), rel=1e-4)

    run(main())


def test_what_is_chosen_is_asked_for_again_in_the_next_picture() -> None:
    """Other estimates of an hour ago are of another picture."""
    page = Page()

    async def main() -> None:
        one = await choosing(page)
        assert one.state.confluence is not None
        one.note(confluence=replace(one.state.confluence, about=()))
        await one.desk.learn()
        assert one.state.shown is not None
        assert one.state.confluence.about == one.state.shown.doubts_about

    run(main())


def test_a_view_that_changed_meanwhile_ends_the_work() -> None:
    states = [State(shown=shown(), loaded=Loaded(View(), {"bybit": market()}, complete=True))]
    said: list[dict[str, Any]] = []

    async def main() -> None:
        one = Selection(lambda: states[-1], lambda **changes: said.append(changes))
        asking = asyncio.ensure_future(one.choose(1, 85.0))
        await asyncio.sleep(0)
        states.append(State())
        await asking

    run(main())
    assert said == [{"chosen": Chosen(1, 85.0)}]


@pytest.mark.parametrize("price", [80.0, 99.9])
def test_a_cluster_is_known_by_any_price_of_its_band(price: float) -> None:
    assert detail(shown(), Chosen(1, price)).title == "Why longs at 85.0?"
