"""The codec of links: a law each, and what is said about bad ones."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import datetime
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from liqmap.data.symbols import SIMULATED, perpetual_name
from liqmap.estimate.leverage import RANGES
from liqmap.venues.registry import IN_BROWSER, TITLES
from liqmap.view import (
    LANGUAGES,
    LEVERAGES,
    MODELS,
    PALETTES,
    POSITION_SIDES,
    RANGES_MS,
    SCALES,
    THEMES,
    VENUES,
    View,
)
from tests.support.pseudo import english_in, pseudo
from tools.build.sentences import of_package

prices = st.none() | st.floats(1e-9, 1e9)
zooms = st.just(()) | st.tuples(
    st.floats(0, 1e9), st.floats(2e9, 3e9), st.floats(0, 1), st.floats(2, 1e6)
)
clusters = st.just("") | st.builds(
    lambda side, price: View.from_query(f"cluster={side}_{price}").cluster,
    st.sampled_from(["long", "short"]),
    st.floats(1e-6, 1e9),
)
some = st.sets(st.sampled_from(list(LEVERAGES)), max_size=len(LEVERAGES) - 1)
leverages = some.map(lambda chosen: tuple(sorted(chosen)))
instants = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(
    lambda at: at.isoformat(timespec="minutes")
)


@st.composite
def views(draw: st.DrawFn) -> View:
    """Any view that a visitor can set."""
    low, high = draw(prices), draw(prices)
    if low is not None and high is not None and low >= high:
        low, high = (high, low) if high < low else (None, None)
    floor = draw(st.integers(0, 99))
    venue = draw(st.sampled_from(list(VENUES)))
    names = ["BTC-USDT-PERP", "1000PEPE-USDC-PERP", "SNDK-USD1-PERP"]
    return View(
        venue=venue,
        symbol=SIMULATED if venue == "demo" else draw(st.sampled_from(names)),
        range=draw(st.sampled_from(list(RANGES_MS))),
        model=draw(st.sampled_from(list(MODELS))),
        leverages=draw(leverages),
        asof=draw(instants),
        positions=draw(st.sampled_from(list(POSITION_SIDES))),
        low=low,
        high=high,
        scale=draw(st.sampled_from(list(SCALES))),
        floor=floor,
        ceiling=draw(st.integers(floor + 1, 100)),
        zoom=draw(zooms),
        cluster=draw(clusters),
        palette=draw(st.sampled_from(list(PALETTES))),
        theme=draw(st.sampled_from(list(THEMES))),
    )


@given(views())
def test_a_link_says_everything(view: View) -> None:
    assert View.read(view.to_query()) == (view, ())


@given(views())
def test_a_link_needs_no_escaping(view: View) -> None:
    assert quote(view.to_query(), safe="=&:") == view.to_query()


@given(views())
def test_the_form_says_the_same_as_the_link(view: View) -> None:
    """What the controls show, sent back as a form, is the view."""
    form = "&".join(f"{name}={text}" for name, text in view.controls().items())
    assert View.from_query(form) == view


@given(st.text(max_size=300))
def test_any_text_is_some_view(text: str) -> None:
    view = View.from_query(text)
    assert View.from_query(view.to_query()) == view


def test_defaults_are_left_out() -> None:
    assert View().to_query() == ""
    assert View(range="7d", leverages=(10, 50)).to_query() == "range=7d&leverages=10-50"


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [
        ("doge", "DOGE-USDT-PERP"),
        ("ethusdt", "ETH-USDT-PERP"),
        ("ETH/USDC", "ETH-USDC-PERP"),
        ("eth usdt", "ETH-USDT-PERP"),
        ("eth-usdt-perp", "ETH-USDT-PERP"),
        ("ETH_USDT", "ETH-USDT-PERP"),
        ("ETHUSDT_PERP", "ETH-USDT-PERP"),
        ("ETH-USD-SWAP", "ETH-USD-PERP"),
        ("ETH/USDT:USDT", "ETH-USDT-PERP"),
        ("SOMEWHERE:ETHUSD.P", "ETH-USD-PERP"),
        ("ＥＴＨＵＳＤＴ", "ETH-USDT-PERP"),
        ("XBTUSD", "BTC-USD-PERP"),
        ("kPEPE", "1000PEPE-USDT-PERP"),
        ("kPEPE-USD-PERP", "1000PEPE-USD-PERP"),
        ("PEPE1000USDT", "1000PEPE-USDT-PERP"),
        ("BTC/U", "BTC-U-PERP"),
        ("PERP", "PERP-USDT-PERP"),
        ("龙虾", "龙虾-USDT-PERP"),
    ],
)
def test_a_link_may_say_a_symbol_as_traders_type_it(typed: str, symbol: str) -> None:
    assert View.read(f"symbol={quote(typed)}") == (View(symbol=symbol), ())


def test_a_symbol_may_name_its_venue() -> None:
    """TradingView's spelling; the venue that it names counts more than the link's other one."""
    found = View.read("venue=bybit&symbol=BINANCE:ETHUSDT.P")
    assert found == (View(venue="binance", symbol="ETH-USDT-PERP"), ())
    assert View.read("symbol=okx%EF%BC%9ABTCUSD")[0] == View(venue="okx", symbol="BTC-USD-PERP")


@pytest.mark.parametrize("typed", ["doge%21", "", "a%0Ab-USDT-PERP", "x" * 121, "-USDT-PERP"])
def test_what_is_no_symbol_is_said(typed: str) -> None:
    view, notices = View.read(f"symbol={typed}")
    assert view == View()
    assert "expected a name such as BTC-USDT-PERP" in notices[0]


WORDS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="-"), min_size=1)


@given(base=WORDS.filter(lambda word: len(word) < 50), quoted=WORDS.filter(lambda w: len(w) < 9))
@example("币安人生", "USDT")
@example("龙虾", "USDT")
@example("SNDK", "USD1")
@example("BTC", "U")
@example("BTC", "USD_UM")
@example("1000000MOG", "USDT")
@example("0G", "USDT")
@example("1000", "USDT")
@example("pepe1000", "USDT")
@example("xyz:S&P", "USDC")
def test_whatever_is_listed_opens_by_its_link(base: str, quoted: str) -> None:
    name = perpetual_name(base, quoted)
    assume(" " not in name)  # a sign that is a blank and an accent is in no name
    assert View.read(View(symbol=name).to_query()) == (View(symbol=name), ())


def test_ticked_boxes_are_one_setting() -> None:
    assert View.from_query("leverages=50&leverages=10").leverages == (10, 50)
    assert View.from_query("leverages=" + "-".join(map(str, LEVERAGES))) == View()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            "range=5y",
            "The link says range=5y: expected one of 12h, 24h, 3d, 7d, 30d, 90d, 180d, 1y; "
            "using 24h.",
        ),
        (
            "low=cheap",
            "The link says low=cheap: expected a number, such as 60000 or 0.05; using all.",
        ),
        ("low=-1", "The link says low=-1: expected a price above zero; using all."),
        ("low=nan", "The link says low=nan: expected a number, such as 60000 or 0.05; using all."),
        (
            "leverages=5-x",
            "The link says leverages=5-x: expected whole leverages joined by hyphens, as 3-10-50; "
            "using all.",
        ),
        (
            "asof=noon",
            "The link says asof=noon: expected an instant in UTC, as 2026-03-12T14:00; using now.",
        ),
        (
            "asof=1969-12-31T23:59",
            "The link says asof=1969-12-31T23:59: expected an instant in UTC, as "
            "2026-03-12T14:00; using now.",
        ),
        ("floor=200", "The link says floor=200: expected a whole number from 0 to 100; using 0."),
        ("colour=red", "The link has colour, which is not a setting; ignored."),
        ("embed=yes", "The link has embed, which is not a setting; ignored."),
        ("low=9&high=3", "The link's price range 9 to 3 is empty; using all prices."),
        ("floor=60&ceiling=50", "The link's colour range is empty; using all colours."),
    ],
)
def test_what_is_wrong_is_said_and_the_default_used(query: str, sentence: str) -> None:
    assert View.read(query) == (View(), (sentence,))


def test_all_complaints_come_at_once() -> None:
    view, notices = View.read("range=5y&palette=pink&symbol=ETH-USDT-PERP")
    assert view == View(symbol="ETH-USDT-PERP")
    assert len(notices) == 2


def test_a_price_range_does_not_follow_to_another_market() -> None:
    here = View(low=80_000.0, high=90_000.0)
    there = replace(here, symbol="ETH-USDT-PERP")
    assert there.after(here) == View(symbol="ETH-USDT-PERP")
    assert replace(there, low=2_000.0).after(here).low == 2_000.0
    assert replace(here, palette="viridis").after(here).low == 80_000.0
    assert here.after(None) == here


def test_every_venue_and_only_those_can_be_asked_for() -> None:
    assert ["auto", "all", *IN_BROWSER, "demo"] == list(VENUES)
    assert {setting.name for setting in fields(View)} >= {"venue", "symbol", "range", "model"}


def test_links_of_an_older_release_open_the_same_view() -> None:
    view, notices = View.read("range=7d&tiers=50&tiers=10")
    assert (view, notices) == (View(range="7d", leverages=(10, 50)), ())
    assert view.to_query() == "range=7d&leverages=10-50"


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ("20", (10,)),
        ("30", (25,)),
        ("1-2", (2,)),
        ("99-100-1000", (50, 100)),
        ("3-5-10-20-30-50-100", (3, 5, 10, 25, 50, 100)),
        ("2-4-6-11-26-51-101", ()),
        ("", ()),
    ],
)
def test_any_leverage_stands_for_the_range_that_holds_it(
    given: str, chosen: tuple[int, ...]
) -> None:
    """Links of an older release had 20× and 30×, and no range below 3×."""
    assert View.read(f"leverages={given}") == (View(leverages=chosen), ())


def test_the_ranges_are_named_by_a_leverage_in_each() -> None:
    assert LEVERAGES == {
        2: "<3×",
        3: "3–5×",
        5: "5–10×",
        10: "10–25×",
        25: "25–50×",
        50: "50–100×",
        100: ">100×",
    }
    assert all(one.holds(at) for at, one in zip(LEVERAGES, RANGES, strict=True))


@pytest.mark.parametrize(
    "text",
    ["2026-03-12T14:00", "2026-03-12T14:00:59.9Z", "2026-03-12T16:00%2B02:00", "20260312T1400"],
)
def test_an_instant_is_a_minute_of_utc(text: str) -> None:
    view = View.from_query(f"asof={text}")
    assert view == View(asof="2026-03-12T14:00")
    assert view.to_query() == "asof=2026-03-12T14:00"
    assert view.asof_ms == 1_773_324_000_000.0
    assert View.from_query("asof=").asof_ms is None


@pytest.mark.parametrize("text", ["0", "5-0", "-5x", "5.5", "²"])
def test_no_leverage_is_below_one_or_broken(text: str) -> None:
    view, (notice,) = View.read(f"leverages={text}")
    assert view == View()
    assert notice.startswith(f"The link says leverages={text}: expected whole leverages")


def test_long_views_are_made_of_longer_bars() -> None:
    bars = {name: View(range=name).window_ms / View(range=name).step_ms for name in RANGES_MS}
    assert bars == {
        "12h": 144,
        "24h": 288,
        "3d": 864,
        "7d": 2016,
        "30d": 8640,
        "90d": 2160,
        "180d": 4320,
        "1y": 8760,
    }


def test_the_simulation_has_a_contract_of_its_own_and_no_other_has_it() -> None:
    assert View.from_query("venue=demo&symbol=ETH-USDT-PERP").symbol == SIMULATED
    assert View.from_query(f"venue=bybit&symbol={SIMULATED}") == View(venue="bybit")
    typed = View.with_symbol(f"venue=demo&symbol={SIMULATED}&range=7d", "eth")
    assert View.from_query(typed) == View(symbol="ETH-USDT-PERP", range="7d")


@pytest.mark.parametrize(
    "zoom", ["1_2_3", "2_1_3_4", "1_2_4_3", "a_2_3_4", "-1_2_3_4", "1_nan_3_4"]
)
def test_a_zoom_is_two_times_and_two_prices(zoom: str) -> None:
    view, (notice,) = View.read(f"zoom={zoom}")
    assert view == View()
    assert "expected two times and two prices" in notice or "number" in notice


def test_another_contract_is_seen_as_a_whole() -> None:
    asked = "zoom=1_2_3_4&cluster=long_3&range=7d"
    assert View.with_symbol(asked, "eth") == "range=7d&symbol=eth"


@pytest.mark.parametrize("cluster", ["long", "long_", "up_3", "long_-3", "long_0", "short_nan"])
def test_a_cluster_is_a_side_and_a_price(cluster: str) -> None:
    view, (notice,) = View.read(f"cluster={cluster}")
    assert view == View()
    assert notice.startswith(f"The link says cluster={cluster}: expected")
    assert View.from_query("cluster=short_00.500").cluster == "short_0.5"


def test_what_a_link_says_to_the_page_alone_is_no_mistake() -> None:
    assert View.read("?embed=1&range=7d") == (View(range="7d"), ())


@pytest.mark.parametrize(
    "query",
    [
        "x=" + "y" * 3000,
        "venue=NONE",
        "symbol=%20%20",
        "leverages=a-b",
        "low=-1",
        "low=TWO",
        "zoom=1_2",
        "zoom=A_B_C_D",
        "zoom=4_3_2_1",
        "cluster=1",
        "floor=200",
        "asof=YES",
        "NAME=1",
        "NAME=1&OTHER=2",
        "low=2&high=1",
        "floor=60&ceiling=50",
    ],
)
def test_what_is_wrong_with_a_link_can_be_said_in_another_language(query: str) -> None:
    keys = [setting.name for setting in fields(View)]
    names = ["BTC-USDT-PERP", "long_78500", "2026-03-12T14:00", "NAME", "a-b", "TWO", "A_B_C_D"]
    with pseudo():
        _, (said,) = View.read(query)
    assert "⟦" in said
    said = re.sub(r"^⟦(\S+ ){3}\w+=", "", said)
    assert english_in(said, *names, *keys, *VENUES, "YES", "NONE") == []


def test_every_title_of_a_setting_is_marked() -> None:
    marked = {one.one for one in of_package()}
    own = {*TITLES.values(), *LANGUAGES.values()}
    for setting in fields(View):
        for value, title in setting.metadata["options"].items():
            assert title in marked | own or value == title or not title.isalpha(), title
