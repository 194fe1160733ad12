"""The page's document outside the page: what is in its sources, axes and file."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from bokeh.models import GridBox

import liqmap
from liqmap import simulation
from liqmap.drawing.drawn import drawn
from liqmap.drawing.figure import INKS
from liqmap.errors import InputError
from liqmap.view import View
from tests.support.markets import market


def named(layout: GridBox) -> dict[str, Any]:
    return {model.name: model for model in layout.references() if model.name}


def test_a_market_is_drawn_as_the_page_draws_it() -> None:
    one = market()
    parts = named(liqmap.figure(one, "range=24h"))
    made = drawn(one, View(range="24h"))
    image = made.picture.image
    data = parts["image"].data
    assert data["image"][0].shape == (image.rows, image.columns)
    np.testing.assert_array_equal(data["image"][0].ravel(), image.rgba)
    np.testing.assert_array_equal(data["quote"][0].ravel(), image.quote)
    assert (data["x"], data["dw"]) == ([image.x], [image.dw])
    np.testing.assert_array_equal(
        parts["profile"].data["right"], made.map.sources["profile"]["right"]
    )
    low, high = made.picture.ranges["price_range"]
    assert (parts["price_range"].start, parts["price_range"].end) == (low, high)
    assert parts["spot_line"].location == one.candles.close[-1]
    assert parts["spot_line"].visible
    assert parts["heat"].title.text == "BTC-USDT-PERP · Bybit · exposure"
    assert not parts["watermark"].visible
    assert not parts["strip"].visible
    labels = parts["map_axis"].major_label_overrides
    assert labels[0] == "$0"


def test_what_happened_is_marked_and_a_simulation_is_labelled() -> None:
    simulated = simulation.simulate(3)
    layout = liqmap.figure(
        simulated.market, View(range="3d", theme="light"), liquidations=simulated.liquidations
    )
    parts = named(layout)
    assert parts["watermark"].text == "SIMULATED MARKET"
    assert parts["watermark"].visible
    assert parts["strip"].visible
    assert set(parts["events"].data["side"]) == {"long", "short"}
    assert parts["heat"].background_fill_color == INKS["light"].ground
    assert parts["rising_line"].glyph.line_color == INKS["light"].long


def test_a_density_is_drawn_bin_by_bin_with_the_price_between_its_sides() -> None:
    one = market()
    density = liqmap.estimate(one.candles, one.open_interest, price_bins=77, every=12)
    alone = drawn(density, View())
    assert alone.picture.image.rows == 77
    assert alone.picture.spot == pytest.approx(one.candles.close[-1], rel=0.01)
    under = drawn(density, View(), market=one)
    assert under.picture.spot == one.candles.close[-1]
    assert under.picture.sources["rising"]["price"].size > 0
    assert named(liqmap.figure(density))["heat"].title.text == "Density · exposure"


def test_an_empty_density_and_an_odd_view_are_refused() -> None:
    one = market()
    density = liqmap.estimate(one.candles, one.open_interest, price_bins=20, price_range=(1, 2))
    with pytest.raises(InputError, match="nothing in the density's last column"):
        liqmap.figure(density)


def test_a_file_stands_alone() -> None:
    page = liqmap.html(market(), "range=24h&theme=light")
    tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", page)
    assert not [tag for tag in tags if "src=" in tag or "href=" in tag], "nothing is fetched"
    assert f'<body style="background: {INKS["light"].ground}">' in page
    found = re.search(r'<script type="application/json"[^>]*>\s*(\{.*?\})\s*</script>', page, re.S)
    assert found
    assert "BTC-USDT-PERP · Bybit · exposure" in json.dumps(
        json.loads(found[1]), ensure_ascii=False
    )
