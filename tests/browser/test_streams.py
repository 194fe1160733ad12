"""The page listens to its venue's stream: the policy lets it, and a lost one comes back."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.support.venue import MARKET
from tools.replay.streams import ReplayStream


def test_the_page_subscribes_and_comes_back(visit: Visit, streams: dict[str, ReplayStream]) -> None:
    page = visit()
    # A first visit's chart is not empty: another venue's list stands in for Bybit's.
    page.wait_for_function("liqmap.named('liq_long').data.top.length > 20")
    assert "that of Bitget stands in" in (page.text_content("#happened") or "")
    bybit = streams["bybit"]
    bybit.await_subscribers()
    bybit.drop()
    bybit.await_subscribers(0)
    bybit.await_subscribers()
    subscription = '{"op":"subscribe","args":["allLiquidation.BTCUSDT"]}'
    assert [one for one in bybit.heard if "subscribe" in one] == [subscription] * 2
    heard = [name for name, one in streams.items() if one.heard]
    assert heard == ["bybit", "bitget"]


@pytest.mark.usefixtures("unlent")
def test_a_stream_that_comes_and_goes_is_heard_again(
    visit: Visit, streams: dict[str, ReplayStream]
) -> None:
    page = visit("?venue=bybit&range=12h")
    bybit = streams["bybit"]
    for _ in range(3):
        bybit.await_subscribers()
        bybit.drop()
        bybit.await_subscribers(0)
    page.wait_for_function(
        "document.querySelector('#happened').textContent.includes('stream was lost')"
    )
    bybit.await_subscribers()
    bybit.push(1, page.evaluate("liqmap.picture.spot"), 2.0, MARKET.end_ms - 1)
    page.wait_for_function("document.querySelector('#tape').textContent.startsWith('1 ')")
