"""The public record, from a claim before the day to the page after it, on a moved clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from liqmap.accuracy import claims, outcomes, published
from liqmap.accuracy.claims import DAY_MS, Claim, claim
from liqmap.accuracy.outcomes import Outcome
from liqmap.accuracy.page import page
from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Candles
from liqmap.errors import InputError
from liqmap.record.listening import record
from liqmap.record.tapes import WATCHED, ContractTape
from tests.support.markets import market
from tests.support.venue import MARKET
from tools.replay.contract import listed
from tools.replay.exchanges import Replay
from tools.replay.streams import ReplayStream

BTC = "BTC-USDT-PERP"
CONTRACTS = [("bybit", BTC)]
DAY = (MARKET.end_ms // DAY_MS - 1) * DAY_MS
"""The last whole day of the file."""
EVENING = DAY - 1_800_000


@dataclass
class Moved:
    """A clock that stands where the test puts it."""

    now_ms: float

    def __call__(self) -> int:
        return int(self.now_ms)


@dataclass
class World:
    """A venue with its stream, at one time."""

    clock: Moved
    replay: Replay
    stream: ReplayStream
    folder: Path

    @property
    def origins(self) -> dict[str, str]:
        return {"bybit": self.replay.origin}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = Moved(EVENING)
    with (
        Replay(MARKET, "bybit", clock=clock) as replay,
        ReplayStream(MARKET, "bybit", clock=clock) as stream,
    ):
        replay.start()
        stream.start()
        yield World(clock, replay, stream, tmp_path / "data")


async def listened(world: World, until_ms: float) -> None:
    """Record while the clock goes on to that time, bar by bar of six hours."""
    expected = len(listed(MARKET)[0].liquidations(int(world.clock.now_ms), int(until_ms)))
    connected, all_heard, heard_rows = asyncio.Event(), asyncio.Event(), 0

    def heard(_venue: str, _name: str, new: Liquidations) -> None:
        nonlocal heard_rows
        heard_rows += len(new)
        if heard_rows >= expected:
            all_heard.set()

    work = asyncio.create_task(
        record(
            CONTRACTS,
            world.folder / "tape",
            heard=heard,
            tell=lambda _: connected.set(),
            origins=world.origins,
            streams={"bybit": world.stream.url},
            clock_ms=world.clock,
            heartbeat_s=0.01,
        )
    )
    await asyncio.wait_for(connected.wait(), 20)
    for at_ms in np.arange(world.clock.now_ms, until_ms, 6 * 3_600_000.0)[1:]:
        world.clock.now_ms = at_ms
        await asyncio.to_thread(world.stream.advance)
    world.clock.now_ms = until_ms
    await asyncio.to_thread(world.stream.advance)
    await asyncio.wait_for(all_heard.wait(), 20)
    watched = world.folder / "tape" / "bybit" / BTC / WATCHED
    end = f",{DAY + DAY_MS:.15g}"
    async with asyncio.timeout(20):
        while not any(line.endswith(end) for line in watched.read_text().splitlines()):
            await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


def test_a_day_from_the_claim_to_the_page(world: World, tmp_path: Path) -> None:
    (made,) = claims.claim_all(CONTRACTS, world.folder, EVENING, origins=world.origins)
    assert made.day_ms == DAY
    assert made.until_ms <= EVENING
    assert claims.claim_all(CONTRACTS, world.folder, EVENING + 1, origins=world.origins) == []
    assert outcomes.judge_all(world.folder, EVENING, origins=world.origins) == (0, [])

    silence_ms = 60_000
    asyncio.run(listened(world, DAY + DAY_MS + silence_ms))
    judged = outcomes.judge_all(world.folder, world.clock.now_ms, origins=world.origins)
    assert judged == (1, [])
    assert outcomes.judge_all(world.folder, world.clock.now_ms, origins=world.origins) == (0, [])

    (day,) = outcomes.read(world.folder, "bybit", BTC)
    bars = MARKET.bars
    inside = (bars.time_ms >= DAY) & (bars.time_ms < DAY + DAY_MS)
    assert day.day == claims.day_of(DAY)
    assert (day.low_price, day.high_price) == (bars.low[inside].min(), bars.high[inside].max())
    assert day.price == bars.close[bars.time_ms + MARKET.step_ms == EVENING][0]
    assert day.watched == pytest.approx(1.0)
    happened = {1: 0.0, -1: 0.0}
    for one in listed(MARKET)[0].liquidations(DAY, DAY + DAY_MS):
        happened[one.position_side] += one.price * one.quantity_base
    assert day.happened_long_quote == pytest.approx(happened[1], rel=1e-3)
    assert day.happened_short_quote == pytest.approx(happened[-1], rel=1e-3)
    held = claims.read(claims.path_of(world.folder, "bybit", BTC, DAY))
    reached = held.price_edges[:-1] < day.high_price
    assert day.claimed_short_quote == pytest.approx(held.short_quote[reached].sum())

    out = tmp_path / "site"
    published.publish(world.folder, out, world.clock.now_ms)
    found = json.loads((out / "accuracy.json").read_text())
    assert found["summary"] is None, "a day says nothing"
    assert found["contracts"][0]["days"][0]["made_ms"] == EVENING
    made_page = (out / "accuracy.html").read_text()
    assert claims.day_of(DAY) in made_page
    assert "Too early to say" in made_page


def test_a_claim_after_the_day_has_begun_is_none() -> None:
    one = market()
    with pytest.raises(InputError, match="The day has begun"):
        claim(one, DAY_MS, DAY_MS)


def test_a_claim_knows_nothing_of_what_comes_after_it() -> None:
    one, longer = market(), market(more=300)
    until_ms = float(one.candles.end_ms[-1])
    day_ms = (until_ms // DAY_MS + 1) * DAY_MS
    first, second = (claim(each, day_ms, until_ms) for each in (one, longer))
    assert first.until_ms == second.until_ms == until_ms
    np.testing.assert_array_equal(first.long_quote, second.long_quote)
    np.testing.assert_array_equal(first.price_edges, second.price_edges)


def test_a_claim_that_is_there_is_never_changed(tmp_path: Path) -> None:
    one = market()
    until_ms = float(one.candles.end_ms[-1])
    made = claim(one, (until_ms // DAY_MS + 1) * DAY_MS, until_ms)
    assert claims.write(tmp_path, made)
    assert not claims.write(tmp_path, replace(made, price=1.0))
    read = claims.read(claims.path_of(tmp_path, made.venue, made.name, made.day_ms))
    assert read.price == made.price
    np.testing.assert_array_equal(read.short_quote, made.short_quote)
    np.testing.assert_array_equal(read.price_edges, made.price_edges)


def test_an_outcome_by_hand() -> None:
    edges = np.arange(90.0, 111.0)
    below, above = np.arange(20) < 10, np.arange(20) >= 10
    made = Claim(
        *("bybit", BTC, DAY, EVENING, EVENING, 100.0, 1_000.0),
        edges,
        np.where(below, np.arange(20.0), 0),
        np.where(above, 2.0, 0),
    )
    flat = np.array([96.5])
    bars = Candles(np.array([float(DAY)]), flat, flat + 5.5, flat, flat, flat)
    happened = Liquidations.sorted(
        [DAY, DAY + 1, DAY + 2], [1, 1, -1], [97.5, 96.6, 101], [1, 2, 1]
    )
    day = outcomes.outcome(made, bars, happened, ((DAY - 5, DAY + DAY_MS / 4),))
    assert day.claimed_long_quote == 6 + 7 + 8 + 9  # from the bin that holds the low, 96.5
    assert day.claimed_short_quote == 4.0  # 100–101 and 101–102
    assert day.happened_long_quote == pytest.approx(97.5 + 2 * 96.6)
    assert day.happened_short_quote == 101.0
    assert day.moved_long_quote == pytest.approx(35.0)
    assert day.moved_short_quote == pytest.approx(20.0)
    assert np.isnan(day.by_price_long), "four bins are too few"
    assert day.watched == 0.25


def days(count: int, watched: float = 1.0) -> list[Outcome]:
    """Days whose liquidations follow the claim, and not how far the price moved."""
    random = np.random.default_rng(0)
    found = []
    for at in range(count):
        claimed, moved = random.uniform(1, 9, (2, 2))
        name = str(np.datetime64("2026-01-01") + at)
        amounts = {
            f"{what}_{side}_quote": float(values[row])
            for what, values in (
                ("claimed", claimed),
                ("happened", claimed / 50),
                ("moved", moved),
            )
            for row, side in enumerate(("long", "short"))
        }
        other = {"made_ms": 0.0, "price": 100.0, "low_price": 90.0, "high_price": 110.0}
        judged = {"by_price_long": np.nan, "by_price_short": 0.5, "watched": watched}
        found.append(Outcome(day=name, **other, **amounts, **judged))
    return found


def test_claims_that_rank_the_days_beat_the_rules(tmp_path: Path) -> None:
    outcomes.write(tmp_path, "bybit", BTC, days(30))
    found = published.record(tmp_path, 0.0)
    score = found["contracts"][0]["score"]
    assert score["days"] == 29
    assert score["rows"]["claims"]["long"]["value"] == pytest.approx(1.0)
    assert abs(score["rows"][published.MOVE]["short"]["value"]) < 0.6
    assert score["lift"]["low"] > 0
    assert found["summary"] == {
        "contracts": 1,
        "days": 29,
        "claims": pytest.approx(1.0),
        "best_rule": pytest.approx(
            max(
                np.mean([score["rows"][rule][side]["value"] for side in ("long", "short")])
                for rule in (published.MOVE, published.BEFORE)
            )
        ),
    }
    assert "It beats both rules." in page(found, 10, 0.9)


def test_days_that_were_hardly_listened_to_are_shown_and_not_judged(tmp_path: Path) -> None:
    outcomes.write(tmp_path, "bybit", BTC, days(30, watched=0.5))
    found = published.record(tmp_path, 0.0)
    assert found["contracts"][0]["score"] is None
    made = page(found, published.FEWEST_DAYS, published.LEAST_WATCHED)
    assert made.count('<tr class="part">') == 30


def test_what_venues_are_called_cannot_become_markup(tmp_path: Path) -> None:
    outcomes.write(tmp_path, "bybit", "<b>-USDT-PERP", days(1))
    made = page(published.record(tmp_path, 0.0), 10, 0.9)
    assert "&lt;b&gt;-USDT-PERP" in made
    assert "<b>" not in made


def test_bars_that_cannot_be_read_are_said_and_tried_again(tmp_path: Path) -> None:
    one = market()
    until_ms = float(one.candles.end_ms[-1])
    claims.write(tmp_path, claim(one, (until_ms // DAY_MS + 1) * DAY_MS, until_ms))
    with ContractTape(tmp_path / "tape", "bybit", BTC):
        pass
    with Replay(MARKET, "bybit") as replay:
        replay.start()
        replay.fail("down")
        judged, failed = outcomes.judge_all(
            tmp_path, until_ms + 3 * DAY_MS, origins={"bybit": replay.origin}
        )
    assert judged == 0
    assert failed[0].startswith(f"bybit {BTC}: ")
