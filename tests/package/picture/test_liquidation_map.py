"""The liquidation map: bars, sums, ends, whiskers, axes, max pain."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from liqmap.analysis.clusters import largest_clusters
from liqmap.estimate.leverage import RANGES
from liqmap.picture.liquidation_map import (
    ALPHAS,
    SOURCES,
    UNKNOWN_ALPHA,
    profile,
    whiskers,
)
from tests.support.small_picture import density


def test_the_map_stacks_by_leverage_and_sums_outward() -> None:
    drawn = profile(density(), "both", 100.0)
    bars = drawn.sources["profile"]
    # 5–10×, beyond which 50–100× lies; a row without any of it has no bar.
    np.testing.assert_allclose(bars["bottom"], [80, 110, 80, 100])
    np.testing.assert_allclose(bars["left"], [0, 0, 255, 0])
    np.testing.assert_allclose(bars["right"], [255, 920, 340, 315])
    down, up = drawn.sources["cumulative_long"], drawn.sources["cumulative_short"]
    np.testing.assert_allclose(down["total"], [340])
    np.testing.assert_allclose(up["price"], [105, 115])
    np.testing.assert_allclose(up["total"], [315, 1235])
    assert (drawn.long_total, drawn.short_total) == ("$340", "$1.24K")
    assert drawn.beyond == "$200 longs below 80, $0 shorts above 120"
    assert profile(density(), "both", 70.0).beyond == "$140 longs, $0 shorts"
    assert set(drawn.sources) | {"profile_intervals"} == set(SOURCES)
    for name, columns in drawn.sources.items():
        assert tuple(columns) == SOURCES[name]


def test_a_higher_leverage_is_denser_and_nothing_else_is() -> None:
    every = replace(
        density(),
        ranges=RANGES,
        long_by_leverage_base=np.ones((7, 4), np.float32),
        short_by_leverage_base=np.zeros((7, 4), np.float32),
    )
    alphas = profile(every, "both", 100.0).sources["profile"]["alpha"].reshape(7, 4)
    assert (alphas == alphas[:, :1]).all()
    assert alphas[:, 0].tolist() == list(ALPHAS)


@pytest.mark.parametrize(
    ("ground", "ink"), [((13, 16, 24), (201, 208, 255)), ((255, 255, 255), (39, 52, 139))]
)
def test_neighbouring_leverages_can_be_told_apart_on_any_ground(
    ground: tuple[int, int, int], ink: tuple[int, int, int]
) -> None:
    """Contrast as WCAG has it; the colours are the style sheet's `--leverage` and `--ground`."""

    def luminance(alpha: float) -> float:
        mixed = alpha * np.array(ink) + (1 - alpha) * np.array(ground)
        share = mixed / 255
        light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        return float(light @ [0.2126, 0.7152, 0.0722])

    shades = [0.05 + luminance(alpha) for alpha in (0.0, *ALPHAS)]
    for one, other in pairwise(shades):
        assert max(one / other, other / one) >= 1.25


def test_bars_and_sums_have_an_axis_each() -> None:
    drawn = profile(density(), "both", 100.0)
    assert drawn.ranges == {"map_range": (0, 1.08 * 920), "cumulative_range": (0, 1.08 * 1235)}
    assert drawn.axes["map_axis"].labels == ("$0", "$500")
    assert drawn.axes["cumulative_axis"].labels == ("$0", "$500", "$1K")
    assert drawn.axes["cumulative_axis"].places == (0, 500, 1000)
    empty = profile(
        replace(density(), long_by_leverage_base=np.zeros((2, 4), np.float32)), "long", 100.0
    )
    assert empty.ranges == {"map_range": (0, 1), "cumulative_range": (0, 1)}


def test_each_curve_ends_with_its_sum() -> None:
    ends = profile(density(), "both", 100.0).sources["cumulative_ends"]
    assert list(
        zip(ends["price"], ends["total"], ends["words"], ends["baseline"], strict=True)
    ) == [
        (85, 340, "$340", "bottom"),
        (115, 1235, "$1.24K", "top"),
    ]
    assert profile(density(), "short", 100.0).sources["cumulative_ends"]["words"] == ["$1.24K"]


def test_max_pain_is_the_largest_cluster_of_each_side() -> None:
    longs = np.array([[1, 1, 1], [1, 1, 3], [0, 0, 0], [0, 0, 0]], np.float32)
    two = replace(
        density(),
        long_base=longs,
        long_by_leverage_base=np.stack([longs[:, -1], 0 * longs[:, -1]]),
    )
    pain = profile(two, "both", 100.0).sources["max_pain"]
    assert pain["price"].tolist() == [95, 115]  # not 85, which is further away and less
    assert pain["amount"].tolist() == [3 * 95, 920]  # where the bar ends, the line begins
    assert pain["right"].tolist() == [1.08 * 920] * 2
    assert profile(two, "long", 100.0).sources["max_pain"]["price"].tolist() == [95]


def test_a_whisker_says_of_the_bar_what_the_interval_says_of_the_cluster() -> None:
    """The cluster at 115 holds 1,235 in two bars; its own bar is 920."""
    first, second = largest_clusters(density(), 100.0)
    assert (first.price, first.amount_quote) == (115, 1235)
    drawn = whiskers(density(), "both", (first, second), [(617.5, 2470), (204, 552)])
    np.testing.assert_allclose(drawn["price"], [115, 85])
    np.testing.assert_allclose(drawn["low"], [460, 204])
    np.testing.assert_allclose(drawn["high"], [1840, 552])
    assert tuple(drawn) == SOURCES["profile_intervals"]
    unknown = whiskers(density(), "both", (first, second), [])
    assert all(column.size == 0 for column in unknown.values())


def test_without_leverages_the_map_claims_none() -> None:
    plain = replace(
        density(),
        long_by_leverage_base=np.zeros((0, 0), np.float32),
        short_by_leverage_base=np.zeros((0, 0), np.float32),
        ranges=(),
    )
    bars = profile(plain, "both", 100.0).sources["profile"]
    assert set(bars["alpha"]) == {UNKNOWN_ALPHA}
    np.testing.assert_allclose(bars["right"], [340, 315, 920])
