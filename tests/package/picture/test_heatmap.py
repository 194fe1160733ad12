"""From a density to arrays: shapes, sums and colours, without a browser."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import WIDER
from liqmap.evaluate.realised_share import Share, Shares, expected
from liqmap.picture.coloring import log_rows
from liqmap.picture.heatmap import (
    OUTLINE,
    SOURCES,
    Heatmap,
    Kept,
    bars,
    decimals_of,
    draw,
)
from liqmap.picture.liquidation_map import LiquidationMap
from liqmap.picture.palettes import table
from liqmap.picture.viewport import Screen
from liqmap.session.messages import Breakdown, Clusters, Uncertainty
from liqmap.session.panels.breakdown import BreakdownPanel, breakdown
from liqmap.session.panels.clusters import ClustersPanel
from liqmap.session.panels.liquidation_map import LiquidationMapPanel
from liqmap.session.panels.uncertainty import UncertaintyPanel
from liqmap.session.state import Shown, State
from liqmap.view import View
from liqmap.words import usd, usd_round
from tests.support.small_picture import SHARES, STEP, density, known, market, shown

FINE = Screen(1_100, 1_200)
"""A screen that shows every bin as a row."""


def picture(
    density: Density,
    view: View = View(),  # noqa: B008 - frozen
    *,
    shares: Shares | None = None,
    versus: tuple[str, Density] | None = None,
    before: Kept | None = None,
) -> Heatmap:
    """What is drawn of an exposure."""
    other = None if versus is None else (versus[0], expected(versus[1], shares))
    shown = expected(density, shares)
    return draw(market(), shown, view, screen=FINE, shares=shares, versus=other, before=before)[0]


def kept(density: Density, view: View = View(), before: Kept | None = None) -> Kept:  # noqa: B008
    return draw(market(), density, view, screen=FINE, before=before)[1]


def test_amounts_and_extent_are_the_densitys() -> None:
    drawn = picture(density())
    image = drawn.image
    assert (image.rows, image.columns) == (4, 3)
    assert (image.x, image.dw, image.y, image.dh) == (0.0, 3 * STEP, 80.0, 40.0)
    amounts = image.quote.reshape(4, 3)
    np.testing.assert_array_equal(amounts[:, 2], [340, 0, 315, 920])
    only = picture(density(), View(positions="short")).image.quote.reshape(4, 3)
    np.testing.assert_array_equal(only[:, 2], [0, 0, 315, 920])
    assert drawn.spot == 100.0
    np.testing.assert_array_equal(drawn.closes, [102, 99, 100])
    assert not drawn.detail
    assert drawn.times == "01 Jan 00:00\n01 Jan 00:05\n01 Jan 00:10"
    assert set(drawn.sources) | {"image", "other_image"} == set(SOURCES)
    for name, columns in drawn.sources.items():
        assert tuple(columns) == SOURCES[name]


def test_a_candle_is_a_wick_and_a_body_and_stands_in_the_middle_of_its_bar() -> None:
    sources, nan = bars(market().candles), np.nan
    rising = sources["rising"]  # the third bar alone: from 99 to 100, within 97 and 101
    middle, left, right = 2.5 * STEP, 2.2 * STEP, 2.8 * STEP
    np.testing.assert_allclose(rising["price"][OUTLINE:], [97, 101, nan, 99, 99, 100, 100, 99, nan])
    np.testing.assert_allclose(
        rising["time"][OUTLINE:], [middle, middle, nan, left, right, right, left, left, nan]
    )
    body = {name: column[4:] for name, column in sources["rising_bodies"].items()}
    np.testing.assert_allclose(body["time"], [left, left, right, right])
    np.testing.assert_allclose(body["bottom"], [99] * 4)
    np.testing.assert_allclose(body["top"], [99, 100, 100, 99])
    falling = sources["falling"]["price"]
    np.testing.assert_allclose(falling, [98, 103, nan, 99, 99, 102, 102, 99, nan])


def test_only_a_simulation_carries_the_watermark() -> None:
    assert picture(density()).watermark == ""
    simulated, _ = draw(market(simulated=True), density(), View())
    assert simulated.watermark == "SIMULATED MARKET"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "$0"),
        (8.6e-12, "$0"),
        (12, "$12"),
        (999.7, "$1.00K"),
        (1_250_000, "$1.25M"),
        (24e6, "$24.0M"),
        (150e6, "$150M"),
        (3.04e9, "$3.04B"),
        (0.4, "$0"),
        (999.4, "$999"),
        (9.994e6, "$9.99M"),
        (9.996e6, "$10.0M"),
        (99.96e6, "$100M"),
        (2.5e12, "$2.50T"),
        (-3_000, "−$3.00K"),
    ],
)
def test_usd(amount: float, words: str) -> None:
    assert usd(amount) == words


def test_round_amounts_have_no_idle_zeros() -> None:
    amounts = (0, 10, 999.7, 5e6, 2.5e9, 150e6)
    assert [usd_round(one) for one in amounts] == ["$0", "$10", "$1K", "$5M", "$2.5B", "$150M"]


def test_decimals_follow_the_tick() -> None:
    assert decimals_of(0.1, 80_000) == 1
    assert decimals_of(1.0, 80_000) == 0
    assert decimals_of(1e-7, 0.01) == 7
    assert decimals_of(0, 86.2) == 4


def test_on_a_logarithmic_axis_rows_are_even_in_log_price() -> None:
    """Six rows from 10 to 160: half of the picture is the quarter of the prices below 40."""
    np.testing.assert_array_equal(log_rows(10, 25, 6), [0, 0, 0, 1, 2, 4])
    linear, log = (picture(density(), View(axis=axis)).image for axis in ("linear", "log"))
    by_row = linear.rgba.reshape(linear.rows, -1)
    moved = log_rows(linear.y, linear.dh / linear.rows, linear.rows)
    np.testing.assert_array_equal(log.rgba.reshape(linear.rows, -1), by_row[moved])
    np.testing.assert_array_equal(log.quote, linear.quote)


# ---------------------------------------------------------------- readings and differences


def map_of(state: Shown) -> LiquidationMap:
    said = LiquidationMapPanel().update(State(shown=state))
    assert isinstance(said, LiquidationMap)
    return said


def table_of(state: Shown) -> Clusters:
    said = ClustersPanel().update(State(shown=state))
    assert isinstance(said, Clusters)
    return said


def doubts(state: Shown) -> Uncertainty:
    said = UncertaintyPanel().update(State(shown=state))
    assert isinstance(said, Uncertainty)
    return said


TRIPLE = Shares(Share(3.0, 3.0, 3.0, ""), Share(3.0, 3.0, 3.0, ""), whose="all_exchanges")


def test_expected_liquidations_are_exposure_times_a_share_of_each_side_everywhere() -> None:
    exposed, likely = shown(known()), shown(known(), SHARES)
    for view, share in (("long", 0.5), ("short", 0.25)):
        one = picture(density(), View(positions=view), shares=SHARES).image.quote
        all_of_it = picture(density(), View(positions=view)).image.quote
        np.testing.assert_allclose(one, share * all_of_it)
    for source, share in (("cumulative_long", 0.5), ("cumulative_short", 0.25)):
        np.testing.assert_allclose(
            map_of(likely).sources[source]["total"],
            share * map_of(exposed).sources[source]["total"],
        )
    np.testing.assert_allclose(
        doubts(likely).sources["profile_intervals"]["high"], [327.56, 218.773], rtol=1e-4
    )
    assert (map_of(exposed).long_total, map_of(likely).long_total) == ("$340", "$170")
    assert [row[2] for row in table_of(exposed).rows] == ["$1.24K", "$340"]
    # Members hold 9, 11 or 13 of the shorts, and 2, 4 or 7 of the longs.
    factors = [(9.4 / 11) ** WIDER, (12.6 / 11) ** WIDER, (2.4 / 4) ** WIDER, (6.4 / 4) ** WIDER]
    ends = np.array([1235, 1235, 340, 340]) * factors
    assert doubts(exposed).intervals == (
        f"{usd(ends[0])}–{usd(ends[1])}",
        f"{usd(ends[2])}–{usd(ends[3])}",
    )
    assert [row[2] for row in table_of(likely).rows] == ["$309", "$170"]
    # Each of them has a guess of the share, too.
    likely_ends = []
    for amount, held, known_share in (
        (309, (9, 11, 13), SHARES.short),
        (170, (2, 4, 7), SHARES.long),
    ):
        low, middle, high = np.quantile(np.array(held) * known_share.guesses(3), (0.1, 0.5, 0.9))
        likely_ends.append([amount * (end / middle) ** WIDER for end in (low, high)])
    assert doubts(likely).intervals == tuple(f"{usd(low)}–{usd(high)}" for low, high in likely_ends)
    units = ("exposure", "expected liquidations of this venue, which reports all of them")
    heads = tuple(unit[0].upper() + unit[1:] for unit in units)
    assert (table_of(exposed).unit, table_of(likely).unit) == heads
    drawn = picture(density(), shares=SHARES)
    assert picture(density()).what.startswith("Exposure")
    assert (picture(density()).unit, drawn.unit) == units
    assert drawn.what.startswith("Expected liquidations of this venue, which reports all of them,")
    assert (
        "50.0% of longs (25.0% to 75.0%) and 25.0% of shorts (10.0% to 50.0%), assumed"
        in drawn.what
    )


def test_what_all_exchanges_report_is_told_from_what_a_venue_does() -> None:
    long, short = Share(0.015, 0.005, 0.045, "assumed"), Share(0.01, 0.004, 0.03, "heard here")
    reported = Shares(long, short, whose="all_exchanges")
    drawn = picture(density(), shares=reported)
    assert drawn.unit == "expected liquidations as reported by all exchanges"
    assert drawn.what.startswith("Expected liquidations as reported by all exchanges, if price")
    assert (
        "1.5% of longs (0.5% to 4.5%), assumed, and 1.0% of shorts (0.4% to 3.0%), heard here. "
        "Of all reports, the part that belongs to the open interest shown."
    ) in drawn.what
    assert "open interest shown" not in picture(density(), shares=SHARES).what


def test_side_by_side_each_model_is_as_it_is_alone() -> None:
    twice = Share(2.0, 2.0, 2.0, "")
    doubled = expected(density(), Shares(twice, twice, "this_venue"))
    view = View(versus="turnover", comparison="side")
    drawn = picture(density(), view, versus=("turnover", doubled))
    mine, theirs = (picture(one).image for one in (density(), doubled))
    assert drawn.other_image is not None
    for one, alone in ((drawn.image, mine), (drawn.other_image, theirs)):
        np.testing.assert_array_equal(one.rgba, alone.rgba)
        np.testing.assert_array_equal(one.quote, alone.quote)
    np.testing.assert_array_equal(mine.rgba, theirs.rgba)  # each on a scale of its own
    assert (drawn.diverging, drawn.versus) == (False, "Turnover")
    assert drawn.what.startswith("Balance at the left, Turnover at the right, ")
    assert picture(density(), versus=("turnover", doubled)).other_image is None


def test_the_sentence_names_all_that_is_not_everything() -> None:
    words = picture(density()).what
    assert words.startswith("Exposure: ")
    assert "in USD; each row: 10% of price." in words
    view = View(model="survivor", positions="long", leverages=(50, 100))
    words = picture(density(), view).what
    assert words.startswith("By the model Survivor. Only longs, 50–100× >100×. Exposure: ")
    words = picture(density(), View(leverages=(3,)), versus=("turnover", density())).what
    assert words.startswith("Only 3–5×. Balance minus Turnover: ")
    assert "Map, sums and table are Balance's own." in words


def test_a_difference_is_signed_and_has_nothing_in_the_middle() -> None:
    other = replace(density(), short_base=density().short_base[::-1].copy())
    one, next_ = draw(market(), density(), View(), screen=FINE, versus=("turnover", other))
    amounts = one.image.quote.reshape(4, 3)
    np.testing.assert_allclose(amounts[:, 2], [-8 * 85, -3 * 95, 3 * 105, 8 * 115])
    colors = one.image.rgba.reshape(4, 3)
    ladder = table("difference").view(np.uint32).ravel()
    assert colors[3, 2] == ladder[255]
    step = int(np.searchsorted(next_.scale.amounts_quote(0, 100), 680, side="right") + 1) >> 1
    assert 0 < step < 127
    assert colors[0, 2] == ladder[128 - step]
    assert colors[1, 0] == 0
    same = picture(density(), versus=("turnover", density()))
    assert not same.image.rgba.any()
    assert one.diverging
    assert "Balance minus Turnover" in one.what
    labels, at = one.colors.labels, one.colors.ticks
    assert labels[at.index(0.5)] == "0"
    assert labels[0] == labels[-1].replace("+", "−")
    np.testing.assert_allclose(np.add(at, at[::-1]), 1)
    assert (np.diff(at) > 0).all()


def test_colours_stay_from_one_picture_to_the_next_of_the_same() -> None:
    first = kept(density())
    assert kept(density(), before=first).scale is first.scale
    assert kept(density(), View(positions="short"), first).scale is not first.scale


def test_a_detail_has_the_colours_of_the_whole_and_the_frame_to_return_to() -> None:
    """The upper half of the prices in bins of half the height, each with half the amount."""
    fine = replace(
        density(),
        price_edges=np.array([100.0, 105.0, 110.0, 115.0, 120.0]),
        long_base=np.repeat(density().long_base[2:], 2, axis=0) * np.float32(0.5),
        short_base=np.repeat(density().short_base[2:], 2, axis=0) * np.float32(0.5),
    )
    whole, first = draw(market(), density(), View(), screen=FINE)
    drawn, again = draw(market(), density(), View(), screen=FINE, detail=(fine, None))
    assert again.scale.percentiles_quote.tolist() == first.scale.percentiles_quote.tolist()
    assert drawn.detail
    assert (drawn.image.y, drawn.image.dh, drawn.image.rows) == (100, 20, 4)
    assert (drawn.ranges, drawn.frame, drawn.spot) == (whole.ranges, whole.frame, whole.spot)
    assert drawn.colors.high_quote == pytest.approx(whole.colors.high_quote / 2)
    assert "each row: 5% of price" in drawn.what
    amounts = drawn.image.quote.reshape(4, 3)
    np.testing.assert_allclose(amounts[:, 2], [1.5 * 102.5, 1.5 * 107.5, 4 * 112.5, 4 * 117.5])
    assert drawn.leverages.split("\n") == ["5–10×", "", "50–100×", "5–10×"], "it ends now"
    earlier = replace(
        fine,
        time_edges_ms=fine.time_edges_ms[:3],
        long_base=fine.long_base[:, :2],
        short_base=fine.short_base[:, :2],
    )
    drawn = draw(market(), density(), View(), screen=FINE, detail=(earlier, None))[0]
    assert drawn.leverages == ""
    assert drawn.closes.tolist() == [102, 99]


def test_a_filter_of_bands_leaves_the_colours() -> None:
    all_of_it, live = picture(density()), picture(density(), View(bands="live"))
    assert live.colors.percentiles_quote.tolist() == all_of_it.colors.percentiles_quote.tolist()
    assert live.what.startswith("Only what the price has not reached since. Exposure")


def test_the_parts_of_a_sum_are_named_and_add_up() -> None:
    venues = {"Bybit": density(), "OKX": expected(density(), TRIPLE)}
    assert breakdown(venues, "both") == (
        ("OKX", "$1.02K", "$3.71K", "75%"),
        ("Bybit", "$340", "$1.24K", "25%"),
    )
    assert breakdown(venues, "long")[0] == ("OKX", "$1.02K", "$0", "75%")
    assert breakdown({"Bybit": density()}, "both") == ()
    assert BreakdownPanel().update(State(shown=shown())) == Breakdown(rows=())
