"""A picture in a frame of another page, and the snippet that makes one."""

from __future__ import annotations

from html.parser import HTMLParser

from playwright.sync_api import Page, expect

from tests.conftest import ROOT
from tests.support.small_page import happened, picture
from tests.support.worker import await_listener, say
from tools.build.server import Site

EXAMPLE = (ROOT / "docs" / "embed-example.html").read_text()
SEEN = """[...document.querySelectorAll("body > *, main > *, #stage > *, .bar > *")]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().height > 0)
  .map(one => one.id || one.tagName)"""
THEME = "document.documentElement.dataset.theme"


class Frame(HTMLParser):
    """The attributes of the one frame of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "iframe"
        assert not self.found
        self.found = dict(attrs)


def test_a_frame_is_picture_legend_and_source_as_high_and_as_light_as_its_page_wants(
    unspoken: Page, served: Site
) -> None:
    page = unspoken
    body = EXAMPLE.replace("http://127.0.0.1:8000/", served.address)
    page.route("**/around", lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto(served.address + "around")
    frame = page.frames[1]
    frame.wait_for_selector("#status", state="attached")
    await_listener(frame)
    assert not frame.is_visible("#legend")  # it would be one of nothing
    say(frame, happened((1, 1, 101, 5)), *picture())
    assert frame.evaluate(SEEN) == ["MAIN", "picture", "source"]
    assert frame.is_visible("#legend")
    source = " ".join(frame.inner_text("#source").split())
    assert source.startswith("BTC-USDT-PERP · Bybit · exposure estimated by liqmap live · ")
    assert frame.locator("#full").evaluate("one => one.href") == f"{served.address}?theme=auto"
    page.wait_for_function("document.querySelector('iframe').height !== '480'")
    height = int(page.locator("iframe").first.get_attribute("height") or 0)
    frame.wait_for_function(f"innerHeight === {height}")
    assert frame.evaluate("document.documentElement.scrollHeight") == height
    page.set_viewport_size({"width": 400, "height": 700})
    page.wait_for_function(f"document.querySelector('iframe').height < {height}")
    frame.wait_for_function("!liqmap.named('map').visible && !liqmap.named('strip').visible")
    assert frame.evaluate("liqmap.named('time_axis').visible")

    page.click("[value=light]")
    frame.wait_for_function(f"{THEME} === 'light'")
    assert frame.input_value("[name=theme]") == "light"
    assert frame.evaluate("location.search") == "?theme=light&embed=1"
    page.evaluate("frames[0].contentWindow.postMessage({type: 'liqmap:theme', theme: 'odd'}, '*')")
    frame.evaluate(
        """new Promise(heard => {
          addEventListener("message", heard, {once: true});
          postMessage({type: "liqmap:theme", theme: "dark"}, "*");
        })"""
    )
    assert frame.evaluate(THEME) == "light"  # another word, another speaker


def test_the_snippet_is_of_the_view_on_screen_and_can_be_copied_by_hand(shown: Page) -> None:
    shown.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')); }")
    shown.click("#embed-open")
    frame = Frame(shown.input_value("#embed-code")).found
    base = shown.url.partition("?")[0]
    assert frame["src"] == f"{base}?embed=1&theme=auto"
    assert frame["title"] == "Estimated liquidations: BTC-USDT-PERP · Bybit · exposure"
    assert frame["loading"] == "lazy"
    assert f'sandbox="{frame["sandbox"]}"' in EXAMPLE
    shown.uncheck("#embed-auto")
    assert Frame(shown.input_value("#embed-code")).found["src"] == f"{base}?embed=1"
    shown.click("#embed-copy")
    expect(shown.locator("#embed-copy")).to_have_text("Copy it by hand")
    assert shown.evaluate("getSelection().toString()") == shown.input_value("#embed-code")
    shown.click("#embed-close")
    assert not shown.is_visible("#embed")
