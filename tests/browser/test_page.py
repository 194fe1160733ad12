"""What a visitor sees, checked against what CPython computes from the same answers."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from liqmap.picture.heatmap import Heatmap
from liqmap.session.messages import Clusters, Uncertainty
from tests.browser.conftest import PHONE, SECONDS, Timers, Visit
from tests.support.computed import last
from tests.support.shown import STATUS, await_state, image
from tools.replay.exchanges import Replay


@pytest.mark.parametrize(
    "query", ["", "?range=12h&scale=log&palette=viridis&positions=long&leverages=10-50&floor=20"]
)
def test_the_picture_is_the_one_cpython_computes(visit: Visit, replay: Replay, query: str) -> None:
    """Same answers, same arrays: to the last bit of float32 arithmetic that platforms share."""
    page = visit(query)
    rgba, quote, shape = image(page)
    expected = last(Heatmap, query, replay.origin, shape).image
    assert shape == [expected.rows, expected.columns]
    np.testing.assert_allclose(quote, expected.quote, rtol=2e-5, atol=1.0)
    differing = np.mean(rgba != expected.rgba)
    assert differing < 0.01, "colours differ"
    assert np.unique(rgba).size > 50
    height = page.evaluate("liqmap.named('heat').inner_height")
    assert 1.5 <= height / shape[0] <= 3


def test_candles_and_price_line_are_the_markets(visit: Visit, replay: Replay) -> None:
    page = visit("?range=12h")
    expected = last(Heatmap, "?range=12h", replay.origin)
    for name in ("rising", "falling_bodies"):
        for column, values in expected.sources[name].items():
            shown = page.evaluate(f"Array.from(liqmap.named('{name}').data.{column})")
            np.testing.assert_array_equal(shown, values)
    assert page.evaluate("liqmap.named('spot_line').location") == expected.spot
    assert page.inner_text("#spot b") == f"{expected.spot:,.1f}"
    assert page.evaluate("liqmap.named('watermark').visible") is False


def test_the_axes_hold_all_history_once_it_is_here(visit: Visit, replay: Replay) -> None:
    """The first picture is of the newest page only; what deepens it must also be seen."""
    page = visit("?range=7d")
    expected = last(Heatmap, "?range=7d", replay.origin).ranges
    for name in ("time_range", "price_range"):
        shown = page.evaluate(f"[liqmap.named('{name}').start, liqmap.named('{name}').end]")
        np.testing.assert_allclose(shown, expected[name], rtol=1e-12)
    begin, end = expected["time_range"]
    assert end - begin > 7 * 86_400_000


def test_the_table_says_what_the_picture_shows(visit: Visit, replay: Replay) -> None:
    page = visit()
    message = last(Clusters, "", replay.origin)
    intervals = last(Uncertainty, "", replay.origin).intervals
    rows = [
        (*row[:3], interval, *row[4:])
        for row, interval in zip_longest(message.rows, intervals, fillvalue="–")
    ]
    nearest = sorted(message.orders["distance"], key=lambda row: row >= message.waiting)
    # The intervals come after the picture, so the words are waited for.
    words = [word for row in nearest for word in rows[row]]
    expect(page.locator("#levels tbody td")).to_have_text(words, timeout=SECONDS * 1000)
    assert {"long", "short"} == {row[1] for row in message.rows}


def test_a_changed_control_changes_picture_and_address(visit: Visit) -> None:
    page = visit()
    before, *_ = image(page)
    page.evaluate("document.querySelector('#settings').open = true")
    page.select_option("[name=palette]", "viridis")
    page.wait_for_function("location.search === '?palette=viridis'")
    page.wait_for_function("liqmap.picture.query === 'palette=viridis'")
    after, *_ = image(page)
    assert 0.1 < np.mean(before != after) < 0.4, "what is not ground has another colour"
    page.select_option("[name=palette]", "classic")
    page.wait_for_function("location.search === ''")
    page.wait_for_function("liqmap.picture.query === ''")
    again, *_ = image(page)
    np.testing.assert_array_equal(before, again)


def test_a_link_opens_the_same_picture(visit: Visit, opened: Any) -> None:
    query = "?symbol=ETH-USDT-PERP&range=3d&leverages=5-10&scale=rank&palette=inferno"
    first = visit(query)
    assert first.evaluate("location.search") == query
    one = image(first)
    other = image(visit(first.evaluate("location.search"), on=opened(locale="de")))
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_another_symbol_is_another_market(visit: Visit) -> None:
    page = visit("?low=1000")
    page.fill("[name=symbol]", "ETH-USDT-PERP")
    page.press("[name=symbol]", "Enter")
    page.wait_for_function("document.title.startsWith('ETH-USDT-PERP')")
    await_state(page, "ready")
    assert page.evaluate("location.search") == "?symbol=ETH-USDT-PERP"  # low was of BTC
    assert 1_000 < page.evaluate("liqmap.picture.spot") < 10_000


def test_a_bad_link_is_said_and_shows_the_default(visit: Visit) -> None:
    page = visit("?range=5y&nonsense=1&leverages=x")
    assert page.evaluate("location.search") == ""
    notices = page.text_content("#notices") or ""
    assert "range=5y" in notices
    assert "nonsense" in notices
    assert "leverages=x" in notices
    assert page.evaluate("new FormData(document.querySelector('#view')).get('range')") == "24h"


def test_a_key_with_an_apostrophe_is_a_key_like_any(visit: Visit) -> None:
    """The form is mirrored before there is any Python that could say what is wrong."""
    page = visit("?it's=1&\"[]=2&range=12h")
    assert page.evaluate("location.search") == "?range=12h"
    assert "The link has it's and 1 more, which are not settings" in (
        page.text_content("#notices") or ""
    )


def test_a_click_on_a_range_of_leverage_leaves_only_that_one(visit: Visit) -> None:
    page = visit()
    for clicked, query in (
        ("25", "?leverages=25"),
        ("10", "?leverages=10-25"),
        ("25", "?leverages=10"),
        ("10", ""),  # none is all
    ):
        page.click(f"#leverages label:has([value='{clicked}'])")
        page.wait_for_function(f"location.search === '{query}'")
    assert page.locator("#leverages :checked").count() == 7


def test_an_unknown_symbol_keeps_the_picture(visit: Visit) -> None:
    page = visit()
    before, *_ = image(page)
    page.fill("[name=symbol]", "NOPE-USDC-PERP")
    page.press("[name=symbol]", "Enter")
    await_state(page, "stale")
    assert "lists no contract" in page.evaluate(STATUS)
    np.testing.assert_array_equal(before, image(page)[0])


@pytest.mark.allow_errors("Failed to load resource", "net::", "blocked by CORS")
def test_retry_brings_the_exchange_back(visit: Visit, replays: dict[str, Replay]) -> None:
    for one in replays.values():
        one.fail("down")
    page = visit(state="failed")
    replays["bybit"].reset()
    page.click("#retry")
    await_state(page, "ready")
    assert page.evaluate("liqmap.named('watermark').visible") is False
    assert "Bybit" in page.evaluate(STATUS)


def test_the_newest_request_wins(visit: Visit, replay: Replay) -> None:
    """Three symbols and ranges in a breath: the last one stays, whatever answers last."""
    page = visit()
    page.evaluate(
        """() => {
          const form = document.querySelector('#view');
          for (const range of ['7d', '3d', '12h']) {
            form.querySelector(`[name=range][value='${range}']`).checked = true;
            form.dispatchEvent(new Event('change', {bubbles: true}));
          }
        }"""
    )
    page.wait_for_function("liqmap.picture.query === 'range=12h'")
    await_state(page, "ready")
    assert page.evaluate("liqmap.picture.query") == "range=12h"
    assert page.evaluate("location.search") == "?range=12h"
    assert image(page)[2][1] == 144


def test_pointing_at_a_band_reads_it(visit: Visit) -> None:
    page = visit()
    box = page.locator("#plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.25)
    page.wait_for_selector("#readout:not([hidden])")
    words = page.inner_text("#readout")
    assert "UTC" in words
    assert "% from now" in words
    assert "of shorts" in words or "nothing waits here" in words


def test_wheel_zooms_and_reset_returns(visit: Visit) -> None:
    page = visit()
    span = "liqmap.named('time_range').end - liqmap.named('time_range').start"
    before = page.evaluate(span)
    box = page.locator("#plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5)
    page.mouse.wheel(0, -400)
    page.wait_for_function(f"{span} < {0.95 * before}")
    zoomed = page.evaluate(span)
    page.evaluate("document.querySelector('#settings').open = true")
    page.select_option("[name=palette]", "cividis")
    page.wait_for_function("liqmap.picture.query.includes('palette=cividis')")
    assert page.evaluate(span) == zoomed, "a new colour must not undo the zoom"


def test_nothing_leaves_a_small_phone(visit: Visit, phone: Page) -> None:
    page = visit(on=phone)
    width = PHONE["viewport"]["width"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """width => Array.from(document.querySelectorAll('body *'))
          .filter(one => one.checkVisibility() && !one.closest('.scroll, #tabs'))
          .map(one => [one.tagName, one.id, one.getBoundingClientRect()])
          .filter(([, , box]) => box.width && (box.left < -0.5 || box.right > width + 0.5))
          .map(([tag, id]) => tag + '#' + id)""",
        width,
    )
    assert outside == []
    box = page.locator("#plot").bounding_box()
    assert box is not None
    assert box["y"] < 250, "the picture begins below the fold"


def test_two_hundred_updates_cost_no_memory(visit: Visit) -> None:
    """Pages and workers that keep proxies or buffers grow by megabytes an update."""
    page = visit("?range=12h")
    grown = page.evaluate(
        """async () => {
          const form = document.querySelector('#view'), box = form.elements.palette;
          const update = async i => {
            const before = liqmap.picture;
            box.value = ['classic', 'viridis'][i % 2];
            form.dispatchEvent(new Event('change', {bubbles: true}));
            while (liqmap.picture === before) await new Promise(requestAnimationFrame);
          };
          const memory = async () => (await liqmap.worker.memory());
          for (let i = 0; i < 20; i++) await update(i);
          const start = await memory();
          for (let i = 0; i < 200; i++) await update(i);
          return (await memory()) - start;
        }"""
    )
    assert grown <= 2 * 1024 * 1024


# Where the image has a module from; no package is loaded.
_IN_IMAGE = """(module) => new Promise((done) => {
  const program = `
    import {loadPyodide} from "${new URL("runtime.mjs", document.baseURI)}";
    const python = await loadPyodide({packages: ["numpy", "liqmap"]});
    python.runPython("import ${module} as it");
    postMessage(python.runPython("f'{type(it.__loader__).__name__} {it.__file__}'"));
  `;
  const url = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const worker = new Worker(url, {type: "module"});
  worker.onmessage = ({data}) => {
    if (typeof data !== "string") return;
    worker.terminate();
    done(data);
  };
})"""


def test_a_second_visit_starts_from_the_kept_image(
    visit: Visit, opened: Any, timers: Timers
) -> None:
    """… and draws the same; a damaged image is dropped and the plain start used."""
    timers["snapshot_s"] = 0.0
    page = visit(on=opened(warm=False))
    first, *_ = image(page)
    page.wait_for_function("document.documentElement.dataset.keeping === ''")
    page.wait_for_function("document.documentElement.dataset.keeping === undefined")
    page.reload()
    await_state(page, "ready")
    assert page.evaluate("document.documentElement.dataset.restored") == ""
    np.testing.assert_array_equal(first, image(page)[0])
    for module, file in (
        ("liqmap.session.session", "liqmap/session/session.py"),
        ("numpy.random", "numpy/random/__init__.py"),
    ):
        place = f"/lib/python3.14/site-packages/{file}"
        assert page.evaluate(_IN_IMAGE, module) == f"Kept {place}"

    page.evaluate(
        """async () => {
          const kept = await caches.open("liqmap-snapshot");
          const [name] = await kept.keys();
          await kept.put(name, new Response(new Uint8Array(1000)));
        }"""
    )
    page.reload()
    await_state(page, "ready")
    assert page.evaluate("document.documentElement.dataset.restored") is None
    np.testing.assert_array_equal(first, image(page)[0])


def test_exports_hold_the_picture(visit: Visit, replay: Replay) -> None:
    page = visit()
    page.click("#export-data")
    with page.expect_download() as got:
        page.click("#export-csv")
    assert re.fullmatch(
        r"liqmap-BTC-USDT-PERP-bybit-profile-\d{8}T\d{4}Z\.csv", got.value.suggested_filename
    )
    lines = got.value.path().read_text().splitlines()
    text = [line for line in lines if not line.startswith("# ")]
    assert "# nature: estimate" in lines
    assert text[0] == "price_low_usdt,price_high_usdt,long_exposure_usdt,short_exposure_usdt"
    sums = np.array([[float(word) for word in line.split(",")] for line in text[1:]])
    last = np.array(
        page.evaluate(
            "(() => { const {quote, rows, columns} = liqmap.picture.image;"
            "return Array.from({length: rows}, (_, row) => quote[row * columns + columns - 1]) })()"
        )
    )
    rows = (sums[:, 2] + sums[:, 3]).reshape(last.size, -1).sum(axis=1)
    np.testing.assert_allclose(rows, last, rtol=1e-4, atol=1)
    with page.expect_download() as got:
        page.click("#export-png")
    assert got.value.path().read_bytes().startswith(b"\x89PNG")


def test_accessible(visit: Visit) -> None:
    """No serious complaint of axe: names, roles, contrast."""
    from axe_playwright_python.sync_playwright import Axe

    page = visit()
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert serious == [], [(one["id"], [n["html"][:120] for n in one["nodes"]]) for one in serious]
