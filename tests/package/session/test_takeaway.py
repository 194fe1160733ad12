"""What a file says of itself: enough to know what it is, and to make it again."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from liqmap.errors import InputError
from liqmap.session.state import State
from liqmap.session.takeaway import CONTENTS, file_of, inputs_sha256
from tests.conftest import ROOT
from tests.support.small_picture import shown


def test_a_file_names_contract_venue_content_and_time() -> None:
    state = State(shown=shown())
    name, text = file_of(state, "profile", "csv", version="1.2")
    assert name == "liqmap-BTC-USDT-PERP-bybit-profile-19700101T0015Z.csv"
    head = dict(line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("# "))
    assert head == {
        "content": "Map now, by price",
        "nature": "estimate",
        "unit": "usdt, exposure",
        "contract": "BTC-USDT-PERP",
        "venues": "Bybit",
        "from_utc": "1970-01-01T00:00:00Z",
        "to_utc": "1970-01-01T00:15:00Z",
        "model": "Balance",
        "view": "default",
        "liqmap_version": "1.2",
        "inputs_sha256": inputs_sha256(shown()),
    }


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("extension", ["csv", "json"])
def test_each_content_has_a_file_of_each_format(content: str, extension: str) -> None:
    name, text = file_of(State(shown=shown()), content, extension, version="1")
    assert name.endswith(f"-{content}-19700101T0015Z.{extension}")
    assert CONTENTS[content] in text


def test_other_bars_have_another_hash() -> None:
    one = shown()
    (venue, market), *_ = one.markets.items()
    close = market.candles.close + np.eye(1, len(market.candles))[0] * 0.01
    other = replace(market, candles=replace(market.candles, close=close))
    assert inputs_sha256(replace(one, markets={venue: other})) != inputs_sha256(one)


def test_without_a_picture_there_is_no_file_and_no_other_content_exists() -> None:
    assert file_of(State(), "profile", "csv", version="1") == ("", "")
    with pytest.raises(InputError):
        file_of(State(), "../etc", "csv", version="1")


def test_the_page_offers_every_content() -> None:
    page = (ROOT / "www" / "index.html").read_text()
    menu = page.partition('<select id="export-what">')[2].partition("</select>")[0]
    assert dict(re.findall(r'value="(\w+)">([^<]+)<', menu)) == CONTENTS
