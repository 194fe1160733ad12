"""Palettes against the ground they are seen on."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.data.series import Array
from liqmap.picture.palettes import PALETTES, table

GROUNDS = {False: (13, 16, 24), True: (255, 255, 255)}


def seen(palette: str, *, light: bool) -> Array:
    """Red, green, blue of each step over its ground."""
    colors, ground = table(palette, light=light).astype(float), np.array(GROUNDS[light])
    over: Array = ground + (colors[:, :3] - ground) * colors[:, 3:] / 255
    return over


def luminance(rgb: Array) -> Array:
    """Relative luminance (WCAG 2)."""
    part = rgb / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    found: Array = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found


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
    assert (np.diff(far[129:]) > 0).all()
    assert (np.diff(far[:128]) < 0).all()
    assert min(far[0], far[-1]) > 150
    assert table("difference")[128, 3] == 0
