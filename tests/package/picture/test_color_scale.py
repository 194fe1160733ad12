"""A scale lights the same part of any picture, and its bar says which amounts have which colour."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.picture.color_scale import (
    GLOW,
    LIT,
    SATURATED,
    Scale,
    colored,
    legend,
    legend_difference,
)
from liqmap.picture.palettes import LIT_STEP, css, table
from liqmap.view import View
from tests.support.colors import lit

UNIT = Scale("linear", np.linspace(0, 1, 101))
"""Amounts are their own places between the black point and saturation."""
CELLS = {
    "quiet": np.random.default_rng(1).exponential(1e6, (300, 200)),
    "stormy": np.random.default_rng(2).lognormal(12, 2.5, (300, 200)),
    "near": np.random.default_rng(3).normal(1e7, 1e5, (300, 200)),
}


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("market", CELLS)
def test_the_same_part_of_any_picture_is_lit(market: str, light: bool) -> None:
    cells = CELLS[market].astype(np.float32)
    seen = lit(colored(cells, Scale.of(cells, "linear"), View(), light=light), light=light)
    assert 0.12 <= seen.mean() <= 0.18
    assert cells[seen].min() >= 0.97 * cells[~seen].max(), "the largest are"


@pytest.mark.parametrize("kind", LIT)
def test_the_black_point_is_set_by_the_part_of_cells_above_it(kind: str) -> None:
    for cells in CELLS.values():
        black = Scale.of(cells.astype(np.float32), kind).percentiles_quote[0]
        assert (cells > black).mean() == pytest.approx(LIT[kind], abs=0.001)


def test_empty_cells_count_and_gaps_do_not() -> None:
    cells = CELLS["quiet"].astype(np.float32)
    left = np.arange(200) < 100
    half = np.where(left, cells, np.float32(0))
    assert (half > Scale.of(half, "linear").percentiles_quote[0]).mean() == pytest.approx(0.15)
    gaps = np.where(left, cells, np.float32(np.nan))
    scale = Scale.of(gaps, "linear")
    assert (cells[:, left] > scale.percentiles_quote[0]).mean() == pytest.approx(0.15)
    assert not (colored(gaps, scale, View(), light=False)[:, ~left] >> 24).any()


def test_the_bar_is_percentiles_of_what_lit_cells_hold() -> None:
    cells = CELLS["stormy"].astype(np.float32)
    scale = Scale.of(cells, "linear")
    black, middle, top = scale.percentiles_quote[[0, 50, 100]]
    lit = np.minimum(cells[cells > black], top)
    assert lit[lit <= middle].sum() == pytest.approx(0.5 * lit.sum(), rel=0.02)
    assert (cells >= top).mean() == pytest.approx(LIT["linear"] * SATURATED, rel=0.1)
    assert (np.diff(scale.percentiles_quote) >= 0).all()


def test_floor_and_ceiling_are_percents_of_the_lit_mass() -> None:
    cells = CELLS["stormy"].astype(np.float32)
    scale = Scale.of(cells, "linear")
    view = View(floor=40, ceiling=90)
    at_40, at_90 = scale.percentiles_quote[[40, 90]]
    seen = lit(colored(cells, scale, view, light=False), light=False)
    assert cells[seen].min() == pytest.approx(at_40, rel=0.02)
    dark = cells < at_40 * (0.99 - GLOW[1])
    assert not (colored(cells, scale, view, light=False)[dark] >> 24).any()
    last = colored(cells, scale, view, light=False) == table("classic").view(np.uint32)[-1]
    assert last[cells >= at_90 * (1 + 1e-6)].all()
    assert not last[cells < at_90 * 0.98].any()
    bar = legend(scale, view, light=False)
    assert (bar.low_quote, bar.high_quote) == (at_40, at_90)
    np.testing.assert_array_equal(bar.percentiles_quote, scale.percentiles_quote)
    palette = bar.palette.split(",")
    faint, clear = int(palette[90][-2:], 16), int(palette[104][-2:], 16)
    assert faint < clear < 160, "it fades towards the floor"
    assert int(palette[0][-2:], 16) < 16
    assert set(palette[230:]) == {css(table("classic"))[-1]}


def test_nothing_is_transparent_and_more_is_further_up_the_palette() -> None:
    amounts = np.array([[-1.0, 0.0, 0.3, 1.0, 7.0, np.nan]], np.float32)
    colors = colored(amounts, UNIT, View(), light=False)[0]
    ladder = table("classic").view(np.uint32).ravel()
    assert not (colors[[0, 1, 5]] >> 24).any(), "alpha is the last byte"
    assert colors[2] == ladder[LIT_STEP + int(0.3 * (255 - LIT_STEP))]
    assert colors[3] == colors[4] == ladder[255]
    bright = colored(amounts, UNIT, View(), light=True)[0]
    assert bright[3] == table("classic", light=True).view(np.uint32).ravel()[255]


def test_kinds_divide_the_same_ends_evenly_by_factors_and_by_mass() -> None:
    held = np.geomspace(1, 100, 101)
    first = LIT_STEP - 1  # the black point; the soft edge is before it
    linear = Scale("linear", held).amounts_quote(0, 100)
    np.testing.assert_allclose(np.diff(linear[first:]), 99 / (255 - LIT_STEP))
    log = Scale("log", held).amounts_quote(0, 100)
    np.testing.assert_allclose(log[first + 1 :] / log[first:-1], 100 ** (1 / (255 - LIT_STEP)))
    rank = Scale("rank", held).amounts_quote(0, 100)
    assert rank[(first + 254) // 2] == pytest.approx(held[50], rel=0.03)
    for one in (linear, log, rank):
        assert (np.diff(one) > 0).all()
        assert one[[0, first, -1]] == pytest.approx([1 - GLOW[1], 1, 100])
    near = Scale("linear", np.linspace(100, 110, 101)).amounts_quote(0, 100)
    assert near[[0, first, -1]] == pytest.approx([100 - 10 * GLOW[0], 100, 110])


def test_a_row_of_half_the_price_has_the_same_colour_for_half_the_dollars() -> None:
    cells = CELLS["quiet"].astype(np.float32)
    scale = Scale.of(cells, "linear")
    whole = colored(cells, scale, View(), light=False)
    half = colored(cells * np.float32(0.5), scale.resized(0.5), View(), light=False)
    np.testing.assert_array_equal(whole, half)
    assert legend(scale.resized(0.5), View(), light=False).high_quote == pytest.approx(
        legend(scale, View(), light=False).high_quote / 2
    )


def test_a_scale_is_kept_while_it_nearly_fits_the_same_picture() -> None:
    cells = CELLS["stormy"].astype(np.float32)
    before = Scale.of(cells, "linear", "BTC")
    assert Scale.of(cells * np.float32(1.05), "linear", "BTC").steadied(before) is before
    other = Scale.of(cells * np.float32(1.05), "linear", "ETH")
    assert other.steadied(before) is other
    grown = Scale.of(cells * np.float32(1.2), "linear", "BTC")
    assert grown.steadied(before) is grown
    near = CELLS["near"].astype(np.float32)  # a scale of 1.04 to 1.06: a shift of 0.01 is much
    before = Scale.of(near, "linear", "BTC")
    assert Scale.of(near * np.float32(1.01), "linear", "BTC").steadied(before) is not before
    assert Scale.of(near * np.float32(1.0001), "linear", "BTC").steadied(before) is before


@pytest.mark.parametrize("cells", [[[0, 0, 0]], [[np.nan] * 3], [[5, 5, 5]], [[0, 0, 7]]])
def test_a_picture_of_next_to_nothing_has_a_scale(cells: list[list[float]]) -> None:
    amounts = np.array(cells, np.float32)
    scale = Scale.of(amounts, "linear")
    assert (np.diff(scale.percentiles_quote) >= 0).all()
    assert np.isfinite(scale.percentiles_quote).all()
    colors = colored(amounts, scale, View(), light=False)
    np.testing.assert_array_equal(colors >> 24 > 0, np.nan_to_num(amounts) > 0)


@pytest.mark.parametrize("kind", LIT)
def test_labels_lie_on_the_bar_and_rise(kind: str) -> None:
    cells = CELLS["stormy"].astype(np.float32)
    bar = legend(Scale.of(cells, kind), View(scale=kind), light=True)
    assert bar.ticks == (0, 0.25, 0.5, 0.75, 1)
    assert len(set(bar.labels)) == 5
    assert all(label.startswith("$") for label in bar.labels)


def test_the_bar_of_a_difference_mirrors() -> None:
    bar = legend_difference(UNIT, View(), light=False)
    assert bar.labels[len(bar.labels) // 2] == "0"
    palette = bar.palette.split(",")
    assert palette[0] == css(table("difference"))[1]
    assert palette[-1] == css(table("difference"))[255]
    alphas = [int(color[-2:], 16) for color in palette]
    assert min(alphas) == min(alphas[127:129])
    assert alphas[:128] == sorted(alphas[:128], reverse=True)
    np.testing.assert_allclose(np.add(bar.ticks, bar.ticks[::-1]), 1)


def test_paper_has_for_each_colour_of_the_image_that_of_light_ground() -> None:
    view = View(palette="viridis")
    amounts = np.linspace(0, 1.2, 50, dtype=np.float32)[:, None]
    dark, light = (colored(amounts, UNIT, view, light=one).ravel() for one in (False, True))
    on_paper = legend(UNIT, view, light=False).on_paper
    found = dict(zip(on_paper[:256].tolist(), on_paper[256:].tolist(), strict=True))
    assert [found[color] for color in dark.tolist()] == light.tolist()
    assert len(set(light.tolist())) > 10
