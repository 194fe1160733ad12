"""`build.py bench --picture`: each figure sees what it is named after."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench import picture
from liqmap.picture.heatmap import OUTLINE, Heatmap, draw
from liqmap.picture.palettes import luminance
from liqmap.view import View
from tests.support.small_picture import density, market


@pytest.fixture(name="drawn")
def small() -> Heatmap:
    """200 rows of a dollar from 900 on, 100 columns; the price climbs from 950 to 1,050."""
    made = draw(market(), density(), View())[0]
    amounts = np.ones((200, 100), np.float32)
    image = replace(
        made.image, rows=200, columns=100, y=900.0, dh=200.0, quote=amounts.ravel(), x=0.0, dw=100.0
    )
    return replace(made, image=image, closes=np.linspace(950, 1050, 100))


def painted(drawn: Heatmap, amounts: np.ndarray, rgba: int = 0) -> Heatmap:
    image = replace(
        drawn.image,
        quote=amounts.astype(np.float32).ravel(),
        rgba=np.full(amounts.size, rgba, np.uint32),
    )
    return replace(drawn, image=image)


def test_a_copy_of_the_price_path_is_a_ghost_and_a_shelf_is_none(drawn: Heatmap) -> None:
    even = np.ones((200, 100))
    assert picture.ghost(painted(drawn, even)) == pytest.approx(1)
    shelf = even.copy()
    shelf[120:124] = 4
    assert picture.ghost(painted(drawn, shelf)) < 1.4
    copied = even.copy()
    copied[((drawn.closes * 0.96 - 900).astype(int)[:, None] + np.arange(3)).T, np.arange(100)] = 4
    assert picture.ghost(painted(drawn, copied)) > 2


def test_roughness_is_the_factor_between_neighbouring_lit_rows(drawn: Heatmap) -> None:
    comb = np.ones((200, 100))
    comb[::2] = math.e
    lit = np.zeros((200, 100), bool)
    lit[50:100] = True
    rough = picture.roughness(painted(drawn, comb), lit)
    assert rough.size == 49 * 100
    np.testing.assert_allclose(rough, 1, rtol=1e-6)


def test_what_is_lit_is_brighter_than_the_ground_or_darker(drawn: Heatmap) -> None:
    clear = picture.brightness(painted(drawn, np.ones((200, 100))), "light")
    np.testing.assert_allclose(clear, 1)
    red = picture.brightness(painted(drawn, np.ones((200, 100)), 0xFF0000FF), "dark")
    np.testing.assert_allclose(red, 0.2126)


def test_a_candle_is_held_against_the_brightest_cell_that_it_covers(drawn: Heatmap) -> None:
    outline = [1000.0, 1010.0, np.nan, *[1005.0] * 5, np.nan]
    one = {"time": np.full(OUTLINE, 50.5), "price": np.array(outline)}
    none = {name: np.zeros(0) for name in one}
    candle = replace(drawn, sources={"rising": one, "falling": none})
    bright = np.zeros((200, 100))
    ink = float(luminance(picture.colors("dark")["rising"]))
    bright[115, 50] = bright[105, 51] = 0.9  # beside it
    (found,) = picture.candle_contrasts(candle, bright, "dark")
    assert found == pytest.approx((ink + 0.05) / 0.05)
    bright[105, 50] = ink
    (found,) = picture.candle_contrasts(candle, bright, "dark")
    assert found == pytest.approx(1)


def test_figures_of_a_folder_are_of_each_market_and_window(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("date,long_usd\n2026-01-01,5\n")
    found = dict(picture.figures(tmp_path))
    assert {name.split("_")[0] for name in found} == {"simulated"}
    for theme in picture.THEMES:
        for window in ("24h", "7d"):
            assert 0.1 <= found[f"simulated_{window}_{theme}_lit_ratio"] <= 0.2
            assert found[f"simulated_{window}_{theme}_candle_p5_ratio"] >= 3
    assert "simulated_30d_ghost_ratio" not in found, "the file is shorter"
