"""What fails: what is said, what stays on screen, and what is tried again by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from liqmap.data.market import Instrument, Market
from liqmap.errors import RateLimited, Refused, Unreachable
from liqmap.feed.poller import LONGEST_POLL_S, POLL_S
from liqmap.picture.heatmap import Heatmap
from liqmap.session.messages import Heading, Settings, Status
from liqmap.session.takeaway import file_of
from liqmap.venues.registry import IN_BROWSER
from tests.support.clock import now_s, run
from tests.support.markets import market
from tests.support.session_page import Page, session, shown

GONE = Unreachable("Bybit cannot be reached.", hint="Try again.")
STILL = "Still showing BTC-USDT-PERP from Bybit, 24h to 04 Jan 00:00 UTC."


@pytest.fixture
def page() -> Page:
    return Page()


# ---------------------------------------------------------------- nothing on screen


def test_a_named_venue_that_fails_leaves_the_plot_empty_and_offers_an_example(page: Page) -> None:
    page.down["bybit"] = GONE
    shown(page, "?venue=bybit")
    assert page.of(Heatmap) == []
    last = page.status
    assert last.state == "failed"
    assert last.sentence == "Bybit cannot be reached. Try again. It is tried again by itself."
    assert (last.retry, last.example) == (True, True)


@pytest.mark.parametrize("venue", ["auto", "all"])
def test_without_any_exchange_all_are_named_and_none_is_simulated(page: Page, venue: str) -> None:
    page.down |= {name: Unreachable(f"{one.title} is away.") for name, one in IN_BROWSER.items()}
    shown(page, f"?venue={venue}")
    assert page.of(Heatmap) == []
    last = page.status
    assert last.sentence.startswith("None of 10 exchanges can be read from here. Check your ")
    assert last.detail.splitlines() == [f"{one.title} is away." for one in IN_BROWSER.values()]
    assert last.example is True


@pytest.mark.parametrize("venue", ["auto", "all"])
def test_a_contract_that_nobody_lists_is_no_matter_of_reach(page: Page, venue: str) -> None:
    page.down["okx"] = Unreachable("OKX is away.")
    shown(page, f"?venue={venue}&symbol=XYZ-USDT-PERP")
    assert "lists no contract “XYZ-USDT-PERP”" in page.status.sentence


def test_the_simulation_is_of_its_own_contract(page: Page) -> None:
    """Whatever coin the link names; and its exports say so."""

    async def main() -> str:
        one = session(page)
        await one.show("venue=demo&symbol=ETH-USDT-PERP")
        name, text = file_of(one.state, "profile", "csv", version="1")
        assert name.startswith("liqmap-SIMULATED-USDT-PERP-simulated-profile-")
        return text

    assert "# nature: SIMULATED\n# unit: usdt, exposure\n" in run(main())
    assert page.of(Settings)[-1].controls["symbol"] == "SIMULATED-USDT-PERP"
    assert page.of(Heading)[-1].title == "SIMULATED-USDT-PERP · simulated · exposure"
    assert page.status.example is False


def test_a_venue_that_fails_after_the_simulation_is_not_it(page: Page) -> None:
    page.down["bybit"] = GONE
    shown(page, "?venue=demo", "?venue=bybit")
    assert page.status.state == "stale"
    assert "Still showing the simulated example." in page.status.sentence


# ---------------------------------------------------------------- another picture on screen


def test_a_view_that_fails_says_what_is_still_shown(page: Page) -> None:
    page.down["okx"] = Unreachable("OKX is away.")
    shown(page, "?venue=bybit", "?venue=okx&range=12h")
    assert len(page.of(Heatmap)) == 1
    last = page.status
    assert last.sentence == f"OKX is away. {STILL} It is tried again by itself."
    assert (last.state, last.retry, last.example) == ("stale", True, False)


def test_a_view_that_fails_is_tried_again_with_growing_pauses(page: Page) -> None:
    """Silently: what is said stays until the view is here."""
    asked: list[float] = []

    async def load(_client: Any, _instrument: Instrument, **_how: Any) -> AsyncIterator[Market]:
        asked.append(now_s())
        if len(asked) < 7:
            raise Unreachable("OKX is away.")
        yield market(venue="okx")

    async def main() -> None:
        one = session(page)
        await one.show("?venue=bybit")
        page.load = load
        await one.show("?venue=okx")
        said = len(page.of(Status))
        await asyncio.sleep(39 * POLL_S + 1)
        states = [status.state for status in page.of(Status)[said - 1 :]]
        assert states == ["stale"] * 6 + ["ready"]
        said = len(page.of(Status))
        await asyncio.sleep(100 * POLL_S)
        assert len(page.of(Status)) - said == 100, "it is followed, and tried no longer"

    run(main())
    pauses = [later - sooner for sooner, later in pairwise(asked)]
    assert pauses == [POLL_S * n for n in (1, 2, 4, 8, 12, 12)]
    assert page.of(Heading)[-1].title.startswith("BTC-USDT-PERP · OKX")


@pytest.mark.parametrize("how", ["another view", "hidden", "not passing"])
def test_when_nothing_is_tried_again(page: Page, how: str) -> None:
    page.down["okx"] = Refused("OKX refused.") if how == "not passing" else Unreachable("Away.")

    async def main() -> int:
        one = session(page)
        await one.show("?venue=bybit")
        await one.show("?venue=okx")
        if how == "another view":
            await one.show("?venue=bybit")
        if how == "hidden":
            one.seen(visible=False)
        said = len(page.of(Status))
        await asyncio.sleep(20 * LONGEST_POLL_S)
        return sum(status.state == "stale" for status in page.of(Status)[said:])

    assert run(main()) == 0


def test_a_limit_that_is_enforced_is_what_is_tried(page: Page) -> None:
    page.down["okx"] = RateLimited("OKX asks us to wait.")
    shown(page, "?venue=okx", seconds=POLL_S + 1)
    assert len(page.of(Status)) >= 3, "once by the visitor, once by itself"


def test_try_again_passes_memory_by(page: Page) -> None:
    trusting: list[bool] = []

    async def load(client: Any, instrument: Instrument, **_how: Any) -> AsyncIterator[Market]:
        trusting.append(not client.afresh)
        yield market(symbol=instrument.name)

    page.load = load

    async def main() -> None:
        one = session(page)
        await one.show("")
        await one.again("")
        await one.show("?symbol=ETH-USDT-PERP")

    run(main())
    assert trusting == [True, False, True]
