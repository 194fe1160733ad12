"""The order of things: what the page is told, and what it keeps when something fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError, LiqmapError, Unreachable
from liqmap.evaluate.realised_share import DEFAULT_SHARE
from liqmap.feed import markets as gathering
from liqmap.feed.directory import Venues
from liqmap.feed.poller import POLL_S, SUM_POLL_S
from liqmap.feed.recorder import TAPE_KEY
from liqmap.session import screen as showing
from liqmap.session import session as room
from liqmap.session.screen import SOON_S
from liqmap.session.session import Desk
from liqmap.venues.adapter import Reply
from liqmap.venues.registry import ADAPTERS
from tests.support.clock import run
from tests.support.store import Drawer

STEP = 300_000.0
BARS = 3 * 288


def market(
    simulated: bool = False, symbol: str = "BTC-USDT-PERP", venue: str = "bybit", more: int = 0
) -> Market:
    """Three days of a quiet walk, and some bars."""
    n = BARS + more
    close = 100 + np.sin(np.arange(float(n)) / 40)
    candles = Candles(
        STEP * np.arange(float(n)), close, close + 0.2, close - 0.2, close, np.full(n, 10.0)
    )
    samples = OpenInterest(candles.end_ms, 1_000 + 100 * np.sin(np.arange(float(n)) / 90))
    instrument = Instrument(symbol, symbol, symbol.partition("-")[0], "USDT", tick_size=0.01)
    return Market(venue, instrument, candles, samples, simulated=simulated)


class Page:
    """Collects what the desk says; `down` venues cannot be reached, `doubts` are drawn."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.down: dict[str, LiqmapError] = {}
        self.loads: list[str] = []
        self.refreshed: list[Market | LiqmapError] = []
        self.doubts = False

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.said if one["kind"] == kind]

    @property
    def status(self) -> dict[str, Any]:
        """The last state and sentence."""
        return [one for one in self.said if "state" in one][-1]


async def send(_url: str, _body: str | None) -> Reply:
    raise Unreachable("nobody is there.", hint="Wait.")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    """A desk's audience; the venues list three coins and hold markets in memory."""
    shown = Page()

    async def listed(_venues: Venues, venue: str) -> tuple[Instrument, ...]:
        if venue in shown.down:
            raise shown.down[venue]
        names = ["BTC-USDT-PERP", "ETH-USDT-PERP"]
        names += ["1000PEPE-USDT-PERP" if venue == "bybit" else "PEPE-USDT-PERP"]
        return tuple(market(symbol=name).instrument for name in names)

    async def load(line: Any, instrument: Instrument, **_how: Any) -> Any:
        shown.loads.append(line.adapter.venue)
        yield market(symbol=instrument.name, venue=line.adapter.venue)

    async def refresh(_line: Any, one: Market) -> Market:
        what = shown.refreshed.pop(0) if shown.refreshed else one
        if isinstance(what, LiqmapError):
            raise what
        return what

    monkeypatch.setattr(Venues, "listed", listed)
    monkeypatch.setattr(Venues, "_asked", listed)

    async def known(screen: Any, view: Any) -> bool:
        return shown.doubts and await learn(screen, view)

    learn = showing.Screen.learn
    monkeypatch.setattr(showing.Screen, "learn", known)
    monkeypatch.setattr(gathering, "load_market", load)
    monkeypatch.setattr(room, "refresh_market", refresh)
    return shown


def simulate() -> tuple[Market, Liquidations]:
    one = market(simulated=True, venue="demo")
    last_ms = float(one.candles.time_ms[-1])
    return one, Liquidations.sorted([last_ms] * 2, [1, -1], [100, 101], [2, 3])


def desk(page: Page) -> Desk:
    return Desk(send, page.said.append, simulate=simulate)


def shown(page: Page, *queries: str, seconds: float = 0.0) -> None:
    """Show these views one after the other, then watch for so long."""

    async def main() -> None:
        one = desk(page)
        for query in queries:
            await one.show(query)
        await asyncio.sleep(seconds)

    run(main())


def test_a_view_is_confirmed_drawn_and_called_ready(page: Page) -> None:
    shown(page, "?range=12h&range=bad")
    (view,) = page.of("view")
    assert view["query"] == ""
    assert "range=bad" in view["notices"][0]
    (picture,) = page.of("picture")
    assert picture["image"]["columns"] == 288
    assert picture["title"] == "BTC-USDT-PERP · Bybit"
    assert page.status["state"] == "ready"
    assert "Bybit" in page.status["status"]
    (happened,) = page.of("happened")
    assert happened["empty"]
    assert "Bybit sends every liquidation" in happened["words"][0]


def test_the_next_venue_is_taken_when_none_was_named(page: Page) -> None:
    page.down["bybit"] = Unreachable("Bybit is closed here.", blocked=True)
    shown(page, "")
    assert page.loads == ["hyperliquid"]
    picture = page.of("picture")[-1]
    assert picture["title"] == "BTC-USDT-PERP · Hyperliquid"
    assert picture["market_notices"][0] == "Bybit is closed here."
    assert page.status["state"] == "ready"


def test_a_named_venue_is_not_left_for_another(page: Page) -> None:
    page.down["bybit"] = Unreachable("Bybit is closed here.", blocked=True)
    shown(page, "?venue=bybit", seconds=1)
    assert page.loads == []
    assert page.status["state"] == "failed"
    assert page.status["status"] == "Bybit is closed here. This is a simulated market."
    health = {row[0]: row[2] for row in page.of("health")[-1]["rows"]}
    assert health["okx"] == "offline"  # all were asked how they are


def test_a_wrong_name_is_not_asked_of_every_venue(page: Page) -> None:
    shown(page, "?symbol=XYZ-USDT-PERP")
    assert page.loads == []
    assert "Bybit lists no contract “XYZ-USDT-PERP”" in page.status["status"]


def test_the_same_coin_under_another_name_is_shown_and_said(page: Page) -> None:
    shown(page, "?venue=okx&symbol=1000PEPE-USDT-PERP")
    picture = page.of("picture")[-1]
    assert picture["title"] == "PEPE-USDT-PERP · OKX"
    assert picture["market_notices"][0] == (
        "OKX has no 1000PEPE-USDT-PERP; this is its PEPE-USDT-PERP."
    )
    # Half of the holders of a week ago, and hardly anything traded since.
    assert "of the book is from before the data" in picture["market_notices"][1]


def test_all_venues_are_added_and_who_fails_is_said(page: Page) -> None:
    shown(page, "?venue=bybit")
    alone = page.of("picture")[-1]
    page.said.clear()
    page.down["okx"] = Unreachable("OKX is away.")
    shown(page, "?venue=all")
    picture = page.of("picture")[-1]
    assert picture["title"] == "BTC perpetuals · 9 venues"
    np.testing.assert_allclose(picture["image"]["quote"], 9 * alone["image"]["quote"], rtol=1e-5)
    assert "OKX is away." in picture["market_notices"]
    assert len(picture["breakdown"]) == 9
    assert page.status["state"] == "ready"


def test_what_happened_is_added_up_with_venues_that_can_only_be_heard(page: Page) -> None:
    last_ms = float(market().candles.time_ms[-1])

    async def main() -> None:
        one = desk(page)
        for venue, side in (("bybit", 1.0), ("gate", 1.0), ("okx", -1.0)):
            seen = Liquidations.sorted([last_ms], [side], [100.0], [2.0])
            one.recorder.tape.add(venue, "BTC-USDT-PERP", seen)
        await one.show("?venue=all")
        await one.show("?venue=okx")

    run(main())
    merged, alone = page.of("happened")
    assert merged["title"] == "Liquidations seen: $400 long, $200 short"
    assert any("Gate sends every liquidation" in words for words in merged["words"])
    assert alone["title"] == "Liquidations seen: $0 long, $200 short"


def test_what_is_learnt_later_of_the_past_is_scored(page: Page) -> None:
    """A venue's own list comes after the picture."""
    candles = market().candles

    async def main() -> None:
        one = desk(page)
        await one.show("?venue=okx")
        times = candles.time_ms[-288:] + 1
        sides = np.where(np.arange(288) % 2, 1.0, -1.0)
        seen = Liquidations.sorted(times, sides, candles.close[-288:], 1 + np.arange(288.0))
        one.recorder.tape.watch("okx", "BTC-USDT-PERP", 0.0, float(candles.end_ms[-1]))
        one.recorder._keep("okx", market().instrument, seen)
        await asyncio.sleep(SOON_S + 1)

    run(main())
    before, after = page.of("score")
    assert before["words"] == "Nothing has been watched yet: too early to judge."
    assert before["available"] is False
    assert after["rows"][0][0] == "balance"


def test_a_kept_tape_that_cannot_be_read_is_said(page: Page) -> None:
    store = Drawer()
    store.kept[TAPE_KEY] = b"damaged"

    async def main() -> None:
        one = Desk(send, page.said.append, simulate=simulate, store=store)
        await one.open({})
        await one.show("")

    run(main())
    assert "cannot be read" in page.of("picture")[-1]["market_notices"][0]


def test_who_is_left_out_of_a_sum_is_left_out_of_its_doubts(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.doubts = True

    async def load(line: Any, instrument: Instrument, **_how: Any) -> Any:
        one = market(symbol=instrument.name, venue=line.adapter.venue)
        short = one.venue not in ("hyperliquid", "okx")
        yield replace(one, candles=one.candles.rows(slice(-9, None))) if short else one

    monkeypatch.setattr(gathering, "load_market", load)
    shown(page, "?venue=all", "?venue=okx")
    sums, alone = (
        next(one for one in reversed(page.of("picture")) if one["title"] == title)
        for title in ("BTC perpetuals · 2 venues", "BTC-USDT-PERP · OKX")
    )
    assert [row[0] for row in sums["breakdown"]] == ["Hyperliquid", "OKX"]
    np.testing.assert_allclose(
        sums["sources"]["profile_band"]["high"], 2 * alone["sources"]["profile_band"]["high"]
    )


def test_a_venue_of_a_sum_may_be_late(page: Page) -> None:
    page.refreshed = [Unreachable("Bybit cannot be reached."), market(venue="hyperliquid", more=1)]
    shown(page, "?venue=all", seconds=SUM_POLL_S + 1)
    picture = page.of("picture")[-1]
    assert page.status["state"] == "ready"
    assert "Bybit is late: Bybit cannot be reached." in picture["market_notices"]
    assert not any("Hyperliquid is late" in one for one in picture["market_notices"])


def test_a_coin_by_the_thousand_is_added_in_one_unit(page: Page) -> None:
    """Bybit's contract is on a thousand coins, at the same quote: a thousandth each."""
    page.down = {venue: Unreachable("x") for venue in ADAPTERS if venue not in ("bybit", "okx")}
    shown(page, "?venue=all&symbol=1000PEPE-USDT-PERP&low=50&high=150000")
    assert page.of("picture")[-1]["spot"] == pytest.approx(market().candles.close[-1])
    page.said.clear()
    shown(page, "?venue=all&symbol=PEPE-USDT-PERP&low=0.05&high=150")
    assert page.of("picture")[-1]["spot"] == pytest.approx(market().candles.close[-1] / 1000)


def test_new_bars_are_drawn_as_they_come(page: Page) -> None:
    page.refreshed = [market(more=1), market(more=2)]
    shown(page, "?range=12h", seconds=2 * POLL_S + 1)
    first, second, third = page.of("picture")
    assert [one["image"]["x"] for one in (second, third)] == [
        first["image"]["x"] + STEP,
        first["image"]["x"] + 2 * STEP,
    ]
    assert [one["image"]["columns"] for one in (first, second, third)] == [144] * 3
    kept = first["image"]["quote"].reshape(-1, 144)[:, 2:]
    np.testing.assert_array_equal(third["image"]["quote"].reshape(-1, 144)[:, :-2], kept)
    assert first["frame"] == third["frame"]  # zoom and pan are kept


def test_a_site_may_set_another_pace(page: Page) -> None:
    """A site under test does not wait for the polite one."""
    page.refreshed = [market(more=1), market(more=2)]

    async def main() -> None:
        one = desk(page)
        await one.open({"timers": {"poll_s": 0.5, "save_s": 0.25}})
        assert one.recorder.save_s == 0.25
        await one.show("")
        await asyncio.sleep(1.1)

    run(main())
    assert len(page.of("picture")) == 3


def test_a_venue_that_falls_silent_leaves_the_picture(page: Page) -> None:
    page.refreshed = [Unreachable("Bybit cannot be reached."), market(more=1)]
    shown(page, "", seconds=POLL_S + 1)
    assert len(page.of("picture")) == 1
    assert page.status["state"] == "stale"
    assert page.status["status"] == (
        "Bybit cannot be reached. Showing bars to 04 Jan 00:00 UTC; trying again."
    )
    page.said.clear()
    page.refreshed = [Unreachable("Bybit cannot be reached."), market(more=1)]
    shown(page, "", seconds=3 * POLL_S + 2)
    assert page.status["state"] == "ready"
    assert len(page.of("picture")) == 2


def test_another_view_stops_the_first_one_s_questions(page: Page) -> None:
    page.refreshed = [market(symbol="ETH-USDT-PERP", more=1)]
    shown(page, "", "?symbol=ETH-USDT-PERP", seconds=POLL_S + 1)
    titles = [one["title"] for one in page.of("picture")]
    assert titles == ["BTC-USDT-PERP · Bybit"] + 2 * ["ETH-USDT-PERP · Bybit"]


def test_doubts_are_drawn_after_the_picture_and_kept(page: Page) -> None:
    page.doubts = True
    page.refreshed = [market(more=1)]
    shown(page, "", seconds=POLL_S + 1)
    first, second, third = (one["sources"]["profile_band"] for one in page.of("picture"))
    assert first["price"].size == 0
    assert (second["low"] <= second["high"]).all()
    assert second["high"].sum() > 1.2 * second["low"].sum() > 0
    np.testing.assert_array_equal(third["high"], second["high"])
    assert all("–" in row[3] for row in page.of("picture")[-1]["levels"])


def test_expected_liquidations_are_a_share_and_of_balance_only(page: Page) -> None:
    shown(page, "?reading=exposure", "?reading=expected", "?reading=expected&model=turnover")
    exposure, expected, other = page.of("picture")
    longs = np.nansum(exposure["image"]["quote"].reshape(-1, 288)[:, -1][:400])
    assert np.nansum(expected["image"]["quote"].reshape(-1, 288)[:, -1][:400]) == pytest.approx(
        DEFAULT_SHARE.long.value * longs, rel=0.02
    )
    assert [one["unit"] for one in (exposure, expected, other)] == [
        "exposure",
        "expected liquidations",
        "exposure",
    ]
    assert "Balance only" in other["market_notices"][-1]


def test_a_simulation_is_not_followed(page: Page) -> None:
    shown(page, "?venue=demo", seconds=10 * POLL_S)
    (picture,) = page.of("picture")
    assert picture["watermark"] == "SIMULATED MARKET"
    happened = page.of("happened")[-1]
    assert happened["title"] == "Liquidations seen: $200 long, $303 short"
    assert happened["words"] == ["Simulated liquidations: all of them."]
    assert page.of("tape")[-1]["count"] == 0


def test_a_difference_is_of_two_models(page: Page) -> None:
    shown(page, "?model=balance&versus=balance")
    picture = page.of("picture")[-1]
    assert picture["diverging"] is True
    assert not np.nan_to_num(picture["image"]["quote"]).any()


def test_what_is_loaded_is_not_loaded_again(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    async def show() -> None:
        one = desk(page)
        await one.show("?range=24h")
        monkeypatch.setattr(gathering, "load_market", None)
        await one.show("?range=12h&palette=viridis")

    run(show())
    last = page.of("picture")[-1]
    assert last["query"] == "range=12h&palette=viridis"
    assert last["image"]["columns"] == 144
    assert last["state"] == "ready"


def test_a_first_failure_shows_the_simulation_and_why(page: Page) -> None:
    page.down["bybit"] = Unreachable("Bybit cannot be reached.", hint="Try again.")
    shown(page, "?venue=bybit")
    assert page.of("picture")[-1]["watermark"] == "SIMULATED MARKET"
    last = page.status
    assert last["state"] == "failed"
    assert last["status"] == ("Bybit cannot be reached. Try again. This is a simulated market.")
    assert last["retry"] is True


def test_a_later_failure_keeps_the_picture(page: Page) -> None:
    async def show() -> None:
        one = desk(page)
        await one.show("")
        await one.show("?symbol=SOL-USDT-PERP")

    run(show())
    assert len(page.of("picture")) == 1
    assert page.status["state"] == "stale"
    assert "SOL-USDT-PERP" in page.status["status"]


def test_a_fault_of_ours_is_said_with_its_traceback(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("by hand")

    async def show() -> None:
        one = desk(page)
        await one.show("")
        monkeypatch.setattr(showing, "draw", broken)
        await one.show("?palette=viridis")

    run(show())
    assert page.status["status"].startswith("liqmap has a fault.")
    assert "by hand" in page.status["detail"]


def test_the_newest_wins(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()

    async def slow(_line: Any, instrument: Instrument, **_how: Any) -> Any:
        if instrument.name == "BTC-USDT-PERP":
            await gate.wait()
        yield market(symbol=instrument.name)

    monkeypatch.setattr(gathering, "load_market", slow)

    async def show() -> None:
        one = desk(page)
        first = asyncio.ensure_future(one.show(""))
        await asyncio.sleep(0)
        await one.show("?symbol=ETH-USDT-PERP")
        gate.set()
        await first

    run(show())
    assert [one["query"] for one in page.of("picture")] == ["symbol=ETH-USDT-PERP"]


def test_an_input_error_is_a_sentence() -> None:
    assert str(InputError("No.", hint="Yes.")) == "No. Yes."
