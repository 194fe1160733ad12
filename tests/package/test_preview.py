"""The heatmap beside a shared link: of the example, or of what a venue can be read of."""

from __future__ import annotations

import asyncio
import base64
import io

import numpy as np
import pytest
from PIL import Image

from liqmap import preview
from liqmap.errors import Unreachable
from liqmap.feed.client import Send
from liqmap.venues.adapter import Reply
from liqmap.venues.registry import ADAPTERS
from liqmap.view import View
from tests.support.clock import run
from tests.support.markets import market
from tests.support.venue import MARKET, NOW, sending
from tools.replay.registry import VENUES

GREEN, RED = bytes.fromhex("2ec4a6"), bytes.fromhex("ff5c7a")


def pixels(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        assert image.size == (preview.WIDTH_PX, preview.HEIGHT_PX)
        return np.asarray(image.convert("RGB"))


def share(picture: np.ndarray, color: bytes | tuple[int, ...]) -> float:
    return float((picture == np.array(tuple(color))).all(axis=2).mean())


def only(venue: str) -> Send:
    """A network where one venue answers."""
    answers = sending(VENUES[venue](MARKET), NOW)

    async def send(url: str, body: str | None) -> Reply:
        if url.startswith(ADAPTERS[venue].origin):
            return await answers(url, body)
        raise Unreachable("nobody is there.")

    return send


def test_the_example_has_colours_and_candles_from_end_to_end() -> None:
    picture = pixels(preview.example())
    assert 0.3 < share(picture, preview.GROUND) < 0.9
    inked = (picture == np.array(tuple(GREEN))).all(axis=2)
    inked |= (picture == np.array(tuple(RED))).all(axis=2)
    columns = np.flatnonzero(inked.any(axis=0))
    assert columns[0] < 12
    assert columns[-1] > preview.WIDTH_PX - 12
    assert np.diff(columns).max() < 12, "a candle in each column"
    hot = (picture[..., 0] > 200) & (picture[..., 1] < 120) & (picture[..., 2] < 80)
    assert hot.mean() > 0.01, "the colours of where most waits"


def test_a_price_stands_as_high_as_it_is() -> None:
    """The last close of a walk between two prices: the dashes are between the candles' ends."""
    one = market()
    picture = pixels(preview.drawn(one, View()))
    inked = (picture == np.array(tuple(GREEN))).all(axis=2)
    inked |= (picture == np.array(tuple(RED))).all(axis=2)
    rows = np.flatnonzero(inked.any(axis=1))
    shown = one.candles.rows(slice(-288, None))
    a_price = (rows[-1] - rows[0]) / (shown.high.max() - shown.low.min())
    dashes = np.flatnonzero(share_by_row(picture, tuple(preview.INKS.spot)) > 0.3)
    expected = rows[0] + a_price * (shown.high.max() - shown.close[-1])
    assert dashes == pytest.approx([expected, expected + 1], abs=2.5)


def share_by_row(picture: np.ndarray, color: tuple[int, ...]) -> np.ndarray:
    found: np.ndarray = (picture == np.array(color)).all(axis=2).mean(axis=1)
    return found


def test_what_can_be_read_is_drawn_and_named_and_the_rest_left_out() -> None:
    """OKX's stand-in lists Bitcoin and Ether."""
    symbols = ["BTC-USDT-PERP", "SOL-USDT-PERP", "ETH-USDT-PERP"]
    found = run(preview.fresh(symbols, only("okx")))
    assert {name: one["source"] for name, one in found.items()} == {
        "BTC-USDT-PERP": "OKX, 13 Mar 00:00 UTC",
        "ETH-USDT-PERP": "OKX, 13 Mar 00:00 UTC",
    }
    for one in found.values():
        picture = pixels(base64.b64decode(one["png"]))
        assert share(picture, GREEN) > 0.001
        assert share(picture, RED) > 0.001


def test_venues_that_never_answer_are_not_waited_for() -> None:
    async def silent(_url: str, _body: str | None) -> Reply:
        await asyncio.sleep(1e6)
        raise AssertionError

    async def main() -> float:
        clock = asyncio.get_running_loop().time
        began = clock()
        assert await preview.fresh(["BTC-USDT-PERP"], silent) == {}
        return clock() - began

    assert run(main()) <= preview.PATIENCE_S
