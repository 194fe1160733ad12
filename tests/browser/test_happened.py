"""What the page makes of each thing its worker may say, by values on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from liqmap.data.market import Instrument
from liqmap.data.positions import Positions
from liqmap.picture.account_lines import AccountLines, layer
from liqmap.session.messages import Contracts, Health, Score, Settings, Tape
from tests.browser.conftest import PHONE
from tests.support.small_page import at, happened, picture, show_small
from tests.support.small_picture import SHARES, STEP, density, known
from tests.support.worker import await_listener, say, silence
from tools.build.server import Site

SOME = ((0.5, 1, 95, 10_000), (1.5, -1, 105, 20_000), (1.6, -1, 106, 1), (2.5, 1, 85, 300))


def cells(page: Page, table: str) -> list[list[str]]:
    rows: list[list[str]] = page.locator(f"{table} tbody tr").evaluate_all(
        "rows => rows.map(row => Array.from(row.cells, cell => cell.textContent))"
    )
    return rows


# ---------------------------------------------------------------- what happened


def test_liquidations_are_drawn_below_on_the_same_time(shown: Page) -> None:
    say(shown, happened(*SOME))
    held = shown.evaluate(
        """["liq_long", "liq_short", "events", "liq_profile"].map(name =>
          Object.fromEntries(Object.entries(liqmap.named(name).data)
            .map(([key, column]) => [key, Array.from(column)])))"""
    )
    np.testing.assert_allclose(held[0]["top"], [950_000, 25_500])
    np.testing.assert_allclose(held[1]["bottom"], [-2_100_106])
    np.testing.assert_allclose(held[2]["price"], [105, 95, 85, 106])
    assert sum(held[3]["right"]) - sum(held[3]["left"]) == pytest.approx(3_075_606)
    assert shown.evaluate("liqmap.named('strip').visible && liqmap.named('past').visible")
    assert shown.evaluate("liqmap.named('strip').x_range === liqmap.named('heat').x_range")
    assert shown.evaluate("liqmap.named('past').y_range === liqmap.named('heat').y_range")
    shown.wait_for_function(
        "liqmap.named('strip').inner_width === liqmap.named('heat').inner_width"
    )
    for time in (0.0, 3 * STEP):
        assert at(shown, "strip", time, 0)[0] == pytest.approx(
            at(shown, "heat", time, 100)[0], abs=1
        )
    assert shown.locator("#happened > *").all_inner_texts() == [
        "Liquidations seen: $976K long, $2.10M short.",
        "Bybit: all since this page was opened. Binance: at most one a second.",
    ]


def test_zooming_below_zooms_the_time_of_both_and_no_dollars(shown: Page) -> None:
    say(shown, happened(*SOME))
    shown.wait_for_function("liqmap.named('strip').inner_height > 20")
    span = "(({start, end}) => end - start)"
    before = shown.evaluate(f"['time_range', 'liq_range'].map(one => {span}(liqmap.named(one)))")
    shown.mouse.move(*at(shown, "strip", 1.5 * STEP, 0))
    shown.mouse.wheel(0, -400)
    shown.wait_for_function(f"{span}(liqmap.named('heat').x_range) < {0.95 * before[0]}")
    assert shown.evaluate(f"{span}(liqmap.named('liq_range'))") == before[1]


def test_when_nothing_happened_a_line_says_so_and_the_picture_has_the_room(shown: Page) -> None:
    height = "liqmap.named('heat').inner_height"
    shown.wait_for_function(f"{height} > 100")
    alone = shown.evaluate(height)
    say(shown, happened(*SOME))
    shown.wait_for_function(f"{height} < {alone} - 60")
    say(shown, happened())
    shown.wait_for_function(f"{height} === {alone}")
    assert "No liquidation was seen in this window." in shown.inner_text("#happened")
    assert "Binance: at most one a second." in shown.inner_text("#happened")
    assert shown.evaluate("liqmap.named('strip').visible") is False
    assert shown.evaluate("liqmap.named('time_axis').visible") is True


def test_pointing_at_a_mark_or_a_bar_reads_what_happened(shown: Page) -> None:
    say(shown, happened(*SOME))
    shown.wait_for_function("liqmap.named('strip').inner_height > 20")
    shown.mouse.move(*at(shown, "heat", 1.5 * STEP, 105))
    shown.wait_for_function("document.querySelector('#readout').innerText.includes('happened')")
    assert "happened: $2.10M short liquidated at 105.0, 01 Jan 00:07" in shown.inner_text(
        "#readout"
    )
    shown.mouse.move(*at(shown, "heat", 2.2 * STEP, 112))
    shown.wait_for_function("!document.querySelector('#readout').innerText.includes('happened')")
    shown.mouse.move(*at(shown, "strip", 0.5 * STEP, 10))
    shown.wait_for_function(
        "document.querySelector('#readout').innerText.includes('not estimated')"
    )
    assert "$950K long, $0 short liquidated" in shown.inner_text("#readout")


def test_a_band_is_read_wherever_it_is_touched_and_its_end_is_told(shown: Page) -> None:
    words = "document.querySelector('#readout').innerText"
    for time, price, story in (
        (0.5, 115, "since before 01 Jan 00:00, now mostly 5–10×"),
        (1.5, 95, "since before 01 Jan 00:00, more than half gone by 01 Jan 00:10"),
        (2.5, 105, "since 01 Jan 00:05, now mostly 50–100×"),
    ):
        shown.mouse.move(*at(shown, "heat", time * STEP, price))
        shown.wait_for_function(f"{words}.split('\\n').includes('{story}')")


def test_whole_milliseconds_of_today_are_read(shown: Page) -> None:
    """They do not fit into 32 bits, which is all that MicroPython gives a whole number."""
    today, width = 1_790_000_000_000, shown.evaluate("liqmap.named('heat').inner_width")
    shown.evaluate(  # a thousand a pixel, so that each of them is whole
        """([today, width]) => {
          const span = {x: today, dw: 1000 * width};
          Object.assign(liqmap.picture.image, span);
          const ends = {start: today, end: today + span.dw};
          liqmap.named("time_range").setv({reset_start: ends.start, reset_end: ends.end, ...ends});
        }""",
        [today, width],
    )
    shown.mouse.move(*at(shown, "heat", today + 500.0 * width, 115))
    shown.wait_for_function("document.querySelector('#readout').innerText.includes('of shorts')")
    assert "01 Jan 00:05 UTC" in shown.inner_text("#readout")


def test_a_tap_on_a_phone_reads_a_band(small_phone: Page) -> None:
    page = small_phone
    page.wait_for_function("liqmap.named('heat').inner_height > 100")
    page.touchscreen.tap(*at(page, "heat", 2.5 * STEP, 115))
    page.wait_for_selector("#readout:not([hidden])")
    words = page.inner_text("#readout")
    assert "$920 of shorts" in words
    assert "exposure, estimated" in words
    assert "mostly 5–10×" in words
    page.touchscreen.tap(150, 20)
    page.wait_for_selector("#readout", state="hidden")


# ---------------------------------------------------------------- what the picture is of


def test_each_reading_is_named_wherever_its_dollars_are(shown: Page) -> None:
    for options, unit, amount in (
        ({}, "exposure", "$920"),
        (
            {"shares": SHARES},
            "expected liquidations of this venue, which reports all of them",
            "$230",
        ),
    ):
        say(shown, *picture(members=known(), **options))
        shown.mouse.move(*at(shown, "heat", 0.5 * STEP, 112))
        shown.mouse.move(*at(shown, "heat", 2.5 * STEP, 115))
        shown.wait_for_function(f"document.querySelector('#readout').innerText.includes('{unit}')")
        assert f"{amount} of shorts" in shown.inner_text("#readout")
        assert unit in shown.inner_text("#title")
        assert unit in shown.title()
        assert shown.inner_text("#levels-unit").lower() == unit
        assert shown.inner_text("#key .what").lower().startswith(unit)
    assert [row[3] for row in cells(shown, "#levels")] == ["$152–$440", "$54–$219"]
    highs = shown.evaluate("Array.from(liqmap.named('profile_intervals').data.high)")
    np.testing.assert_allclose(highs, [327.56, 218.773], rtol=1e-4)


def test_a_difference_says_more_or_less_than_what(shown: Page) -> None:
    other = replace(density(), short_base=density().short_base[::-1].copy())
    say(shown, *picture(versus=("turnover", other)))
    for price, words in ((115, "$920 more than Turnover"), (85, "$680 less than Turnover")):
        shown.mouse.move(*at(shown, "heat", 2.5 * STEP, price))
        shown.wait_for_function(f"document.querySelector('#readout').innerText.includes('{words}')")
    assert "Balance minus Turnover, exposure" in shown.inner_text("#title")
    assert shown.inner_text("#key .what").startswith("Balance minus Turnover")
    labels = shown.locator("#color-ticks span").all_inner_texts()
    assert labels[0].startswith("−$")
    assert labels[-1].startswith("+$")


def test_the_parts_of_a_sum_have_their_table(shown: Page) -> None:
    shown.click("[aria-controls=desk-clusters]")
    assert shown.is_hidden("#breakdown")
    say(shown, *picture(venues=("bybit", "okx")))
    assert cells(shown, "#breakdown") == [
        ["Bybit", "$340", "$1.24K", "50%"],
        ["OKX", "$340", "$1.24K", "50%"],
    ]
    assert shown.is_visible("#breakdown")


def test_real_positions_are_lines_that_can_be_read_and_removed(shown: Page) -> None:
    held = Positions(
        np.array([1.0, -1.0]),
        np.array([2e6, 1e6]),
        np.array([99.0, 101.0]),
        np.array([84.0, 118.0]),
        np.array([5.0, 10.0]),
        account=("0x" + "a" * 40, "0x" + "b" * 40),
        holders=2,
        held_long_base=2e6,
        held_short_base=1e6,
    )
    coin = Instrument("BTC-USDC-PERP", "BTC", "BTC", "USDC", tick_size=0.1)
    edges = np.array([0.0, 3 * STEP]), np.array([80.0, 120.0])
    words = "12 accounts hold 3 % of the open interest."
    say(shown, AccountLines(sources={"accounts": layer(held, coin, *edges)}, words=words))
    assert shown.evaluate("Array.from(liqmap.named('accounts').data.y)") == [84, 118]
    shown.mouse.move(*at(shown, "heat", 2.95 * STEP, 84))
    shown.wait_for_function("document.querySelector('#readout').innerText.includes('entered at')")
    words = "long 2,000,000 BTC at 5×, entered at 99.0, liquidated at 84.0 ($168M) · 0xaaaa…aaaa"
    assert words in shown.inner_text("#readout")
    assert "3 % of the open interest" in (shown.text_content("#real-words") or "")
    none: dict[str, list[float]] = {
        name: [] for name in ("x0", "x1", "y", "width", "color", "words")
    }
    say(shown, AccountLines(sources={"accounts": none}, words="Nothing found."))
    assert shown.evaluate("liqmap.named('accounts').data.y.length") == 0


# ---------------------------------------------------------------- the panels


def test_a_claim_that_does_not_beat_the_nulls_is_greyed(shown: Page) -> None:
    rows = (("Balance", "0.61", "0.55", "0.52 to 0.68"), ("Near spot", "0.65", "0.5", ""))
    color = "getComputedStyle(document.querySelector('#scorecard')).color"
    plain, grey = shown.evaluate(
        "['#levels', '.about p'].map(one => getComputedStyle(document.querySelector(one)).color)"
    )
    for beats, seen in ((False, grey), (True, plain)):
        say(shown, Score(rows=rows, beats=beats, available=True, verdict="Well.", words="So so."))
        assert cells(shown, "#scorecard") == [list(row) for row in rows]
        assert shown.inner_text("#score-words") == "So so."
        assert shown.evaluate(color) == seen
    say(shown, Score(rows=(), beats=False, available=False, verdict="No.", words="Too few."))
    assert shown.inner_text("#score-words") == "Too few."
    assert shown.locator("#score-numbers").get_attribute("hidden") is not None


def test_each_venue_says_how_it_is(shown: Page) -> None:
    shown.click("#venues summary")
    shown.evaluate("liqmap.worker = {health: async () => { liqmap.asked = true; }}")
    shown.click("#health-ask")
    shown.wait_for_function("liqmap.asked && !document.querySelector('#health-ask').disabled")
    rows = (("bybit", "Bybit", "ready", "120 ms"), ("okx", "OKX", "blocked", "From here."))
    say(shown, Health(rows, ("ready", "blocked")))
    assert cells(shown, "#health") == [
        ["Bybit", "ready", "120 ms"],
        ["OKX", "blocked", "From here."],
    ]


def test_the_tape_is_exported_and_deleted_only_when_confirmed(shown: Page) -> None:
    assert shown.is_disabled("#tape-delete")
    say(shown, Tape(count=3, words="3 liquidations are kept."))
    assert shown.inner_text("#tape") == "3 liquidations are kept."
    shown.evaluate(
        """liqmap.worker = {
          tape_csv: async () => "venue,price\\nbybit,1\\n",
          tape_clear: async () => { liqmap.cleared = (liqmap.cleared ?? 0) + 1; },
        }"""
    )
    with shown.expect_download() as got:
        shown.click("#tape-export")
    assert got.value.path().read_text() == "venue,price\nbybit,1\n"
    for answer in ("false", "true"):
        # In braces: an expression that gives a function would be called by `evaluate`.
        confirm = f"() => {{ liqmap.said = {answer}; return {answer}; }}"
        shown.evaluate(f"() => {{ window.confirm = {confirm}; }}")
        shown.click("#tape-delete")
        shown.wait_for_function(f"liqmap.said === {answer}")
    shown.wait_for_function("liqmap.cleared")
    assert shown.evaluate("liqmap.cleared") == 1


def test_addresses_stay_in_the_browser_and_out_of_the_link(shown: Page) -> None:
    say(shown, Settings(query="accounts=on", controls={"accounts": "on"}, notices=()))
    assert shown.evaluate("document.querySelector('[name=accounts]').checked") is True
    shown.evaluate("liqmap.worker = {accounts: async text => { liqmap.told = text; }}")
    shown.fill("#addresses", "0xabc\n0xdef")
    shown.click("#addresses-use")
    shown.wait_for_function("liqmap.told === '0xabc\\n0xdef'")
    assert shown.evaluate("location.search") == "?accounts=on"
    assert shown.evaluate("localStorage.getItem('liqmap-addresses')") == "0xabc\n0xdef"
    say(shown, Settings(query="", controls={"accounts": "off"}, notices=()))
    assert shown.is_hidden("#addresses")


def test_a_browser_that_forbids_storage_says_so_and_the_page_works(
    unspoken: Page, served: Site
) -> None:
    """It forbids by throwing, which MicroPython cannot catch."""
    unspoken.add_init_script(
        """Object.defineProperty(window, "localStorage", {get() { throw new Error("no"); }})"""
    )
    unspoken.goto(served.address + "?accounts=on")
    await_listener(unspoken)
    unspoken.evaluate(
        "liqmap.worker = {screen() {}, accounts: async text => { liqmap.told = text; }}"
    )
    unspoken.fill("#addresses", "0xabc")
    unspoken.click("#addresses-use")
    unspoken.wait_for_function("liqmap.told === '0xabc'")
    assert "This browser keeps nothing" in unspoken.inner_text("#real-words")


NAMES = ("BTC-USDT-PERP", "ETH-USDT-PERP", "1000PEPE-USDT-PERP")


def test_what_is_typed_is_sent_and_the_answer_is_shown(typing: Page) -> None:
    """Which contract is meant is the worker's to say."""
    typing.focus("[name=symbol]")
    assert typing.input_value("[name=symbol]") == "", "every contract is offered"
    typing.keyboard.type(" pepe ")
    typing.keyboard.press("Enter")
    typing.wait_for_function("liqmap.typed === 'pepe'")
    assert "venue=demo" in typing.evaluate("liqmap.asked")
    chosen = {"symbol": "1000PEPE-USDT-PERP"}
    say(typing, Settings(query="symbol=1000PEPE-USDT-PERP", controls=chosen, notices=()))
    assert typing.input_value("[name=symbol]") == "1000PEPE-USDT-PERP"
    assert typing.evaluate("location.search") == "?symbol=1000PEPE-USDT-PERP"


def test_an_empty_field_changes_nothing(typing: Page) -> None:
    typing.evaluate("document.querySelector('[name=symbol]').value = 'ETH-USDT-PERP'")
    typing.evaluate("liqmap.typed = ''")
    typing.focus("[name=symbol]")
    typing.keyboard.press("Tab")
    assert typing.input_value("[name=symbol]") == "ETH-USDT-PERP"
    assert typing.evaluate("liqmap.typed") == ""


@pytest.fixture(scope="module")
def typing(browser: Browser, served: Site) -> Iterator[Page]:
    """One page for all words; its worker only listens."""
    context = browser.new_context()
    silence(context)
    page = context.new_page()
    page.goto(served.address + "?venue=demo")
    await_listener(page)
    page.evaluate(
        """liqmap.worker = {
          show: async query => { liqmap.asked = query; },
          choose: async (typed, query) => { liqmap.typed = typed; liqmap.asked = query; },
        }"""
    )
    labels = tuple(f"{name} · $1B a day" for name in NAMES)
    say(page, Contracts(venue="demo", names=NAMES, labels=labels))
    yield page
    context.close()


def test_the_picker_says_what_is_traded(typing: Page) -> None:
    assert typing.evaluate(
        "Array.from(document.querySelectorAll('#symbols option'), one => [one.value, one.label])"
    ) == [[name, f"{name} · $1B a day"] for name in NAMES]


def test_a_hidden_tab_says_so(shown: Page) -> None:
    shown.evaluate(
        """() => {
          liqmap.worker = {seen: async visible => { liqmap.told = visible; }};
          Object.defineProperty(document, "hidden", {get: () => true, configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    shown.wait_for_function("liqmap.told === false")


def test_everything_at_once_fits_a_phone(small_phone: Page) -> None:
    page = small_phone
    say(page, *picture(members=known()), happened(*SOME))
    page.wait_for_function("liqmap.named('strip').inner_height > 20")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]  # type: ignore[index]
    assert page.evaluate("liqmap.named('heat').inner_width") > 170
    bottom = page.locator("#plot").bounding_box()
    assert bottom is not None
    assert bottom["y"] + bottom["height"] < 740, "the charts end below the fold"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_all_of_it_is_accessible(page: Page, served: Site, theme: str) -> None:
    """No serious complaint of axe with every panel open: names, roles, contrast."""
    from axe_playwright_python.sync_playwright import Axe

    show_small(page, f"{served.address}?theme={theme}&accounts=on")
    say(page, *picture(members=known(), venues=("bybit", "okx")), happened(*SOME))
    rows = (("Balance", "0.61", "0.55", ""),)
    for beats in (True, False):
        say(page, Score(rows=rows, beats=beats, available=True, verdict="Yes.", words="So."))
    states = ("ready", "blocked", "limited", "offline", "unknown", "asking")
    say(page, Health(tuple((one, one, one, "words") for one in states), states))
    say(page, Tape(count=3, words="3 liquidations are kept."))
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert serious == [], [(one["id"], [n["html"][:120] for n in one["nodes"]]) for one in serious]


def test_two_models_stand_side_by_side_on_the_same_axes(shown: Page) -> None:
    other = replace(density(), short_base=density().short_base[::-1].copy())
    say(shown, *picture(versus=("turnover", other), comparison="side"))
    shown.wait_for_function("liqmap.named('other').inner_width > 200")
    assert shown.evaluate("liqmap.named('heat_name').text") == "Balance"
    assert shown.evaluate("liqmap.named('other_name').text") == "Turnover"
    assert "Balance beside Turnover, exposure" in shown.inner_text("#title")
    left, right = (at(shown, name, 1.5 * STEP, 105) for name in ("heat", "other"))
    assert left[1] == pytest.approx(right[1], abs=0.5)
    assert right[0] > left[0] + 200
    shown.mouse.move(*at(shown, "other", 1.5 * STEP, 95))
    shown.mouse.move(*at(shown, "other", 2.5 * STEP, 105))
    shown.wait_for_function("document.querySelector('#readout').innerText.includes('by Turnover')")
    assert "of shorts" in shown.inner_text("#readout")
    assert shown.inner_text("#at-price") == "105.0"
    say(shown, *picture())
    shown.wait_for_function("!liqmap.named('other').visible")
    assert shown.evaluate("liqmap.named('heat').inner_width") > 800
