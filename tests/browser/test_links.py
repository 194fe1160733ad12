"""A link may hold anything: the page's own Python and its scripts before that."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from bench.links import put_into_form
from liqmap.session.messages import Settings
from liqmap.view import View
from tests.support.odd_links import odd_links
from tests.support.worker import await_listener, say
from tools.build.server import Site

NASTIEST = [
    "symbol=<img src=x onerror=hit=1>&theme='\"><script>hit=1</script>&<b>=javascript:hit=1",
    "__proto__=1&constructor=2&symbol=%00%E2%80%AE%ff&range=%&low=%zz&theme=%ED%A0%80",
    "leverages=" + "-".join(["9" * 300] * 3) + "&floor=1e999&low=NaN&venue=__proto__",
    "&".join(f"key{number}={'x' * 90}" for number in range(400)),
]


@pytest.mark.parametrize("link", NASTIEST, ids=range(len(NASTIEST)))
def test_the_nastiest_links_leave_the_page_usable(unspoken: Page, served: Site, link: str) -> None:
    unspoken.goto(f"{served.address}?{link}")
    await_listener(unspoken)
    view, notices = View.read(unspoken.evaluate("location.search"))
    say(unspoken, Settings(view.to_query(), view.controls(), notices))
    address = f"?{view.to_query()}".rstrip("?")
    unspoken.wait_for_function(f"location.search === '{address}'")
    assert unspoken.locator("#notices li").all_text_contents() == [
        " ".join(one.split()) for one in notices
    ]
    assert unspoken.input_value("[name=symbol]") == "BTC-USDT-PERP"
    assert unspoken.evaluate("document.documentElement.dataset.theme") == "dark"
    assert unspoken.evaluate("window.hit === undefined && ({}).polluted === undefined")
    unspoken.select_option("[name=venue]", "okx")


def test_random_links_change_values_and_nothing_else(unspoken: Page, served: Site) -> None:
    unspoken.goto(served.address)
    await_listener(unspoken)
    put_into_form(unspoken, odd_links(400, seed=1))
