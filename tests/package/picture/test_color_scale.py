"""A scale lights the same part of any picture, and its bar says which amounts have which colour."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from liqmap.estimate.density import Matrix
from liqmap.picture.color_scale import LIT, SATURATED, Scale, colored, legend, legend_difference
from liqmap.picture.palettes import css, table
from liqmap.view import View

UNIT = Scale("linear", np.linspace(0, 1, 101))
"""Amounts are their own places between the black point and saturation."""
CELLS = {
    "quiet": np.random.default_rng(1).exponential(1e6, (300, 200)),
    "stormy": np.random.default_rng(2).lognormal(12, 2.5, (300, 200)),
    "near": np.random.default_rng(3).normal(1e7, 1e5, (300, 200)),
}


def alphas(amounts: Matrix, scale: Scale, view: View) -> NDArray[np.uint8]:
    rgba = colored(amounts, scale, view, light=False)
    return np.ascontiguousarray(rgba).view(np.uint8).reshape(*amounts.shape, 4)[..., 3]


@pytest.mark.parametrize("kind", LIT)
@pytest.mark.parametrize("market", CELLS)
def test_the_same_part_of_any_picture_is_lit(market: str, kind: str) -> None:
    cells = CELLS[market].astype(np.float32)
    seen = alphas(cells, Scale.of(cells, kind), View(scale=kind)) > 0
    assert seen.mean() == pytest.approx(LIT[kind], abs=0.01)
    assert cells[seen].min() >= cells[~seen].max(), "the largest are"


def test_empty_cells_count_and_gaps_do_not() -> None:
    cells = CELLS["quiet"].astype(np.float32)
    half = np.where(np.arange(200) < 100, cells, np.float32(0))
    assert (alphas(half, Scale.of(half, "linear"), View()) > 0).mean() == pytest.approx(
        0.15, abs=0.01
    )
    gaps = np.where(np.arange(200) < 100, cells, np.float32(np.nan))
    seen = alphas(gaps, Scale.of(gaps, "linear"), View()) > 0
    assert seen[:, :100].mean() == pytest.approx(0.15, abs=0.01)
    assert not seen[:, 100:].any()


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
    seen = alphas(cells, scale, view) > 0
    assert cells[seen].min() >= at_40 * (1 - 1e-6)
    assert at_40 > cells[~seen].max() * (1 - 1e-6)
    last = colored(cells, scale, view, light=False) == table("classic").view(np.uint32)[-1]
    assert last[cells >= at_90 * (1 + 1e-6)].all()
    assert not last[cells < at_90 * 0.98].any()
    bar = legend(scale, view, light=False)
    assert (bar.low_quote, bar.high_quote) == (at_40, at_90)
    np.testing.assert_array_equal(bar.percentiles_quote, scale.percentiles_quote)
    assert {color[-2:] for color in bar.palette[:102]} == {"00"}
    assert bar.palette[104][-2:] != "00"
    assert set(bar.palette[230:]) == {css(table("classic"))[-1]}


def test_nothing_is_transparent_and_more_is_further_up_the_palette() -> None:
    amounts = np.array([[-1.0, 0.0, 0.3, 1.0, 7.0, np.nan]], np.float32)
    colors = colored(amounts, UNIT, View(), light=False)[0]
    ladder = table("classic").view(np.uint32).ravel()
    assert not (colors[[0, 1, 5]] >> 24).any(), "alpha is the last byte"
    assert colors[2] == ladder[77]
    assert colors[3] == colors[4] == ladder[255]
    bright = colored(amounts, UNIT, View(), light=True)[0]
    assert bright[3] == table("classic", light=True).view(np.uint32).ravel()[255]


def test_kinds_divide_the_same_ends_evenly_by_factors_and_by_mass() -> None:
    held = np.geomspace(1, 100, 101)
    linear = Scale("linear", held).amounts_quote(0, 100)
    np.testing.assert_allclose(np.diff(linear), 99 / 254)
    log = Scale("log", held).amounts_quote(0, 100)
    np.testing.assert_allclose(log[1:] / log[:-1], 100 ** (1 / 254))
    rank = Scale("rank", held).amounts_quote(0, 100)
    assert rank[127] == pytest.approx(held[50], rel=0.02)
    for one in (linear, log, rank):
        assert one[[0, -1]] == pytest.approx([1, 100])


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


@pytest.mark.parametrize("cells", [[[0, 0, 0]], [[np.nan] * 3], [[5, 5, 5]], [[0, 0, 7]]])
def test_a_picture_of_next_to_nothing_has_a_scale(cells: list[list[float]]) -> None:
    amounts = np.array(cells, np.float32)
    scale = Scale.of(amounts, "linear")
    assert (np.diff(scale.percentiles_quote) >= 0).all()
    assert np.isfinite(scale.percentiles_quote).all()
    np.testing.assert_array_equal(alphas(amounts, scale, View()) > 0, np.nan_to_num(amounts) > 0)


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
    assert bar.palette[0] == css(table("difference"))[1]
    assert bar.palette[-1] == css(table("difference"))[255]
    assert max(bar.palette[127][-2:], bar.palette[128][-2:]) < "20"
    np.testing.assert_allclose(np.add(bar.ticks, bar.ticks[::-1]), 1)
