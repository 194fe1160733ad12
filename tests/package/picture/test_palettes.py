"""Palettes against the ground they are seen on."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.data.series import Array
from liqmap.picture.palettes import LIT_STEP, PALETTES, luminance, table
from tests.support.colors import GROUNDS, over


def seen(palette: str, *, light: bool) -> Array:
    """Red, green, blue of each step over its ground."""
    return over(table(palette, light=light), light=light)


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("palette", PALETTES)
def test_few_fades_into_the_ground_and_many_stands_out(palette: str, light: bool) -> None:
    colors = table(palette, light=light)
    assert colors.shape == (256, 4)
    assert (colors[0, 3], colors[-1, 3]) == (0, 255)
    assert (np.diff(colors[:, 3].astype(int)) >= 0).all()
    assert len({tuple(one) for one in colors}) > 150
    bright = luminance(seen(palette, light=light))
    ends = sorted([bright[-1] + 0.05, bright[0] + 0.05])
    assert ends[1] / ends[0] > 4, "many is read on its ground"


@pytest.mark.parametrize("palette", [name for name in PALETTES if name != "classic"])
def test_more_is_brighter_on_dark_ground_and_darker_on_light(palette: str) -> None:
    assert (np.diff(luminance(seen(palette, light=False))[1::8]) > 0).all()
    assert (np.diff(luminance(seen(palette, light=True))[1::8]) < 0).all()


@pytest.mark.parametrize("light", [False, True])
def test_classic_goes_from_green_over_yellow_and_orange_to_red(light: bool) -> None:
    red, green, blue = (table("classic", light=light)[:, one].astype(int) for one in range(3))
    assert green[20] > red[20], "green where few wait"
    assert red[90] > 180 < green[90], "yellow"
    assert red[150] > 230
    assert 100 < green[150] < 200, "orange"
    assert red[-1] > 3 * max(green[-1], blue[-1]), "red where many do"
    assert (np.diff((red - green)[[1, 40, 90, 150, 200]]) > 0).all()


def test_greys_are_grey() -> None:
    colors = table("grey")
    assert (colors[:, 0] == colors[:, 1]).all()
    assert (colors[:, 1] == colors[:, 2]).all()


@pytest.mark.parametrize("light", [False, True])
def test_a_larger_difference_is_further_from_any_ground(light: bool) -> None:
    far = np.linalg.norm(seen("difference", light=light) - GROUNDS[light], axis=1)
    assert (np.diff(far[129::2]) > 0).all()
    assert (np.diff(far[1:128:2]) < 0).all()
    assert min(far[0], far[-1]) > 150
    assert table("difference")[128, 3] == 0


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("palette", ["classic", "grey"])
def test_colours_are_lit_from_one_step_on(palette: str, light: bool) -> None:
    far = np.abs(luminance(seen(palette, light=light)) - luminance(GROUNDS[light]))
    assert (far[: LIT_STEP - 5] < 0.05).all()
    assert (far[LIT_STEP:] > 0.05).all()
