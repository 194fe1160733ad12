"""From a density to arrays: shapes, sums and colours, without a browser."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from liqmap.analysis.clusters import interval_quote, largest_clusters, row_leverages
from liqmap.data.series import Array, Candles
from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import Members
from liqmap.evaluate.realised_share import Share, Shares, expected
from liqmap.picture.color_scale import Scale, colored
from liqmap.picture.export import csv
from liqmap.picture.heatmap import (
    SOURCES,
    Heatmap,
    draw,
    price_format,
    with_gaps,
)
from liqmap.picture.liquidation_map import SOURCES as MAP_SOURCES
from liqmap.picture.liquidation_map import UNKNOWN_COLOR, LiquidationMap, band, map_range, profile
from liqmap.picture.palettes import table
from liqmap.session.messages import Breakdown, Clusters, Uncertainty
from liqmap.session.panels.breakdown import BreakdownPanel, breakdown
from liqmap.session.panels.clusters import ClustersPanel
from liqmap.session.panels.liquidation_map import LiquidationMapPanel
from liqmap.session.panels.uncertainty import UncertaintyPanel
from liqmap.session.state import Shown, State
from liqmap.view import PALETTES, View
from liqmap.words import usd, usd_round
from tests.support.small_picture import SHARES, STEP, density, known, market, shown

UNIT = Scale("linear", 1.0, np.linspace(0, 1, 65))
"""Amounts are their own positions."""


def picture(
    density: Density,
    view: View = View(),  # noqa: B008 - frozen
    *,
    shares: Shares | None = None,
    versus: tuple[str, Density] | None = None,
    before: Scale | None = None,
) -> Heatmap:
    """What is drawn of an exposure."""
    other = None if versus is None else (versus[0], expected(versus[1], shares))
    shown = expected(density, shares)
    return draw(market(), shown, view, shares=shares, versus=other, before=before)[0]


def scale(density: Density, view: View = View(), before: Scale | None = None) -> Scale:  # noqa: B008
    return draw(market(), density, view, before=before)[1]


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
    assert drawn.times == ("01 Jan 00:00", "01 Jan 00:05", "01 Jan 00:10")
    assert set(drawn.sources) | {"image"} == set(SOURCES)
    for name, columns in drawn.sources.items():
        assert tuple(columns) == SOURCES[name]


def test_only_a_simulation_carries_the_watermark() -> None:
    assert picture(density()).watermark == ""
    simulated, _ = draw(market(simulated=True), density(), View())
    assert simulated.watermark == "SIMULATED MARKET"


def test_a_gap_is_a_gap() -> None:
    edges = STEP * np.array([0.0, 1, 2, 4, 5])  # the third bar is missing
    even, step = with_gaps(np.arange(8, dtype=np.float32).reshape(2, 4), edges)
    assert step == STEP
    np.testing.assert_array_equal(even[0], [0, 1, 2, np.nan, 3])
    assert colored(even, UNIT, View())[0, 3] == 0


def test_nothing_is_transparent_and_more_is_further_up_the_palette() -> None:
    position = np.array([[-1.0, 0.0, 0.3, 1.0, 7.0, np.nan]], np.float32)
    colors = colored(position, UNIT, View())[0]
    ladder = table("classic").view(np.uint32).ravel()
    assert list(colors[[0, 1, 5]]) == [0, 0, 0]
    assert colors[2] == ladder[76]
    assert colors[3] == colors[4] == ladder[255]
    cut = colored(position, UNIT, View(floor=40))[0]
    assert cut[2] == 0
    assert cut[3] == ladder[255]


@pytest.mark.parametrize("kind", ["linear", "log", "rank"])
def test_a_scale_rises_and_its_ticks_lie_on_the_bar(kind: str) -> None:
    amounts = np.geomspace(1e3, 1e8, 500).astype(np.float32)[None]
    scale = Scale.of(amounts, kind)
    position = scale.position(amounts)[0]
    assert (np.diff(position) >= 0).all()
    assert position[0] >= 0
    at, labels = scale.ticks()
    assert all(0 <= one <= 1 for one in at)
    assert len(set(labels)) == len(labels)
    assert all(label.startswith("$") for label in labels)


def test_a_logarithmic_scale_spans_the_amounts_that_are_there() -> None:
    amounts = np.geomspace(4e5, 3e7, 2_000).astype(np.float32)[None]
    scale = Scale.of(amounts, "log")
    at, labels = scale.ticks()
    assert labels == ["$500K", "$1M", "$2M", "$5M", "$10M", "$20M"]
    np.testing.assert_allclose(np.diff(at)[1], math.log(2) / math.log(2.4e7 / 5e5), rtol=0.3)
    middle = scale.position(np.array([[math.sqrt(4e5 * 3e7)]], np.float32))
    assert 0.4 < float(middle[0, 0]) < 0.6, "half of the colours for half of the decades"


def test_dust_has_no_rank() -> None:
    amounts = np.concatenate([np.full(5_000, 1e-11), np.linspace(1e6, 2e6, 5_000)])
    scale = Scale.of(amounts.astype(np.float32)[None], "rank")
    assert scale.ticks()[1] == ["$1.00M", "$1.25M", "$1.50M", "$1.75M", "$2.00M"]
    assert scale.position(np.array([[1e-11]], np.float32))[0, 0] == 0


def test_linear_ticks_say_the_amount_that_has_the_colour() -> None:
    scale = Scale("linear", 25e6, np.zeros(65))
    at, labels = scale.ticks()
    assert labels == ["$0", "$5M", "$10M", "$15M", "$20M", "$25M"]
    np.testing.assert_allclose(scale.position(np.array([[5e6, 25e6]], np.float32)), [[0.2, 1]])
    np.testing.assert_allclose(at, [0, 0.2, 0.4, 0.6, 0.8, 1.0])


def test_the_map_stacks_by_leverage_and_sums_outward() -> None:
    drawn = profile(density(), "both", 100.0)
    bars = drawn.sources["profile"]
    low = slice(0, 4)  # the class up to 5× comes first
    np.testing.assert_allclose(bars["right"][low], [255, 0, 0, 920])
    np.testing.assert_allclose(bars["right"][-4:], [340, 0, 315, 920])
    down, up = drawn.sources["cumulative_long"], drawn.sources["cumulative_short"]
    np.testing.assert_allclose(down["total"], [340])
    np.testing.assert_allclose(up["price"], [105, 115])
    np.testing.assert_allclose(up["total"], [315, 1235])
    assert (drawn.long_total, drawn.short_total) == ("$340", "$1.24K")
    assert drawn.ranges["cumulative_range"] == (0.0, 1.08 * 1235)
    assert (drawn.beyond_long, drawn.beyond_short) == ("$200", "$0")
    assert set(drawn.sources) | {"profile_band"} == set(MAP_SOURCES)
    for name, columns in drawn.sources.items():
        assert tuple(columns) == MAP_SOURCES[name]


def test_resampled_bars_keep_every_extreme() -> None:
    n = 1_000
    close: Array = np.sin(np.arange(float(n))) + 100.0
    bars = Candles(STEP * np.arange(float(n)), close, close + 1, close - 1, close, np.ones(n))
    few = bars.resampled(100)
    assert len(few) == 100
    assert few.high.max() == bars.high.max()
    assert few.low.min() == bars.low.min()
    assert few.volume_base.sum() == n
    assert few.close[-1] == bars.close[-1]
    assert bars.resampled(n) is bars


def test_clusters_say_price_side_amount_age_and_leverage() -> None:
    first, second, *_ = largest_clusters(density(), 100.0)
    assert (first.price, first.position_side, first.leverage) == (115.0, -1, (5.0, 50.0)[:1])
    assert first.amount_quote == pytest.approx(920 + 315)  # the bin beside belongs to the peak
    assert second.position_side == 1
    assert second.amount_quote == pytest.approx(340)
    assert second.distance_rate == pytest.approx(-0.15)
    assert second.since_ms == 0.0


def test_clusters_are_named_on_both_sides_and_no_shoulder_is_one() -> None:
    """200 bins of a dollar: a wall of longs at 60 with wide shoulders, few shorts at 150."""
    longs, shorts = np.zeros((2, 200, 1), np.float32)
    longs[50:71, 0] = 10 - np.abs(np.arange(-10, 11.0))
    shorts[150] = 1
    one = replace(
        density(),
        time_edges_ms=STEP * np.arange(2.0),
        price_edges=np.arange(201.0),
        long_base=longs,
        short_base=shorts,
        long_by_leverage_base=longs[:, -1][None].repeat(2, 0),
        short_by_leverage_base=shorts[:, -1][None].repeat(2, 0),
    )
    found = largest_clusters(one, 100.0, count=4)
    assert [(cluster.price, cluster.position_side) for cluster in found] == [
        (60.5, 1),
        (67.5, 1),
        (150.5, -1),
    ]
    assert [(cluster.low_price, cluster.high_price) for cluster in found[:2]] == [
        (57.0, 64.0),
        (64.0, 71.0),
    ]
    only = largest_clusters(one, 100.0, positions="short")
    assert [cluster.position_side for cluster in only] == [-1]


def test_each_row_names_its_leverages() -> None:
    assert row_leverages(density()) == ["5×", "", "50×", "5×"]
    mixed = np.array([[1, 0, 0, 2], [2, 0, 1, 3]], np.float32)
    assert row_leverages(replace(density(), short_by_leverage_base=mixed))[3] == "50×, 5×"


def test_csv_is_the_last_column() -> None:
    lines = csv(density()).splitlines()
    assert lines[0] == "low_price,high_price,long_quote,short_quote"
    assert lines[1] == "80,90,340.00,0.00"
    assert lines[4] == "110,120,0.00,920.00"


@pytest.mark.parametrize("palette", PALETTES)
def test_palettes_begin_transparent_and_differ(palette: str) -> None:
    colors = table(palette)
    assert colors.shape == (256, 4)
    assert colors[0, 3] == 0
    assert colors[-1, 3] == 255
    assert len({tuple(one) for one in colors}) > 200


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


@pytest.mark.parametrize("ground", [(13, 16, 24), (255, 255, 255)])
def test_a_larger_difference_is_further_from_any_ground(ground: tuple[int, int, int]) -> None:
    colors = table("difference").astype(float)
    seen = np.array(ground) + (colors[:, :3] - ground) * colors[:, 3:] / 255
    far = np.linalg.norm(seen - ground, axis=1)
    assert (np.diff(far[128:]) > 0).all()
    assert (np.diff(far[:128]) < 0).all()
    assert min(far[0], far[-1]) > 150


def test_price_formats_follow_the_tick() -> None:
    assert price_format(0.1, 80_000) == (1, "0,0.0")
    assert price_format(1.0, 80_000) == (0, "0,0")
    assert price_format(1e-7, 0.01)[0] == 7


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
        doubts(likely).sources["profile_band"]["high"], [238, 38, 78.75, 276], rtol=1e-6
    )
    assert (map_of(exposed).long_total, map_of(likely).long_total) == ("$340", "$170")
    assert [row[2] for row in table_of(exposed).rows] == ["$1.24K", "$340"]
    assert doubts(exposed).intervals == ("$1.05K–$1.42K", "$204–$552")
    assert [row[2] for row in table_of(likely).rows] == ["$309", "$170"]
    assert doubts(likely).intervals == ("$263–$355", "$102–$276")
    units = ("exposure", "expected liquidations of this venue, which reports all of them")
    assert (table_of(exposed).unit, table_of(likely).unit) == units
    drawn = picture(density(), shares=SHARES)
    assert picture(density()).what.startswith("Exposure")
    assert (picture(density()).unit, drawn.unit) == units
    assert drawn.what.startswith("Expected liquidations of this venue, which reports all of them,")
    assert (
        "50.0% of longs (25.0% to 75.0%) and 25.0% of shorts (10.0% to 50.0%), assumed"
        in drawn.what
    )
    assert csv(density(), SHARES).splitlines()[:2] == [
        "low_price,high_price,expected_this_venue_long_quote,expected_this_venue_short_quote",
        "80,90,170.00,0.00",
    ]


def test_what_all_exchanges_report_is_told_from_what_a_venue_does() -> None:
    long, short = Share(0.015, 0.005, 0.045, "assumed"), Share(0.01, 0.004, 0.03, "heard here")
    reported = Shares(long, short, whose="all_exchanges")
    drawn = picture(density(), shares=reported)
    assert drawn.unit == "expected liquidations as reported by all exchanges"
    assert drawn.what.startswith("Expected liquidations as reported by all exchanges, if the price")
    assert (
        "1.5% of longs (0.5% to 4.5%), assumed, and 1.0% of shorts (0.4% to 3.0%), heard here. "
        "Of all reports, the part that belongs to the open interest shown."
    ) in drawn.what
    assert "open interest shown" not in picture(density(), shares=SHARES).what
    (header, *_) = csv(density(), reported).splitlines()
    assert header.endswith("expected_all_exchanges_long_quote,expected_all_exchanges_short_quote")


def test_the_sentence_names_all_that_is_not_everything() -> None:
    words = picture(density()).what
    assert words.startswith("Exposure: ")
    assert "USD per 10.00% of the price" in words
    view = View(model="survivor", positions="long", leverages=(50, 100))
    words = picture(density(), view).what
    assert words.startswith("By the model Survivor. Only longs, 50× 100×. Exposure: ")
    words = picture(density(), View(leverages=(3,)), versus=("turnover", density())).what
    assert words.startswith("Only 3×. Balance minus Turnover: ")
    assert "Map, sums and table are Balance's own." in words


def test_the_band_is_quantiles_of_sums_by_row_and_side() -> None:
    both = band(density(), "both", known())
    np.testing.assert_allclose(both["price"], [85, 95, 105, 115])
    np.testing.assert_allclose(both["low"], [2.4 * 85, 0, 315, 6.4 * 115])
    np.testing.assert_allclose(both["high"], [5.6 * 85, 0.8 * 95, 315, 9.6 * 115])
    only = band(density(), "long", known())
    np.testing.assert_allclose(only["high"], [5.6 * 85, 0.8 * 95, 0, 0])
    none = band(density(), "both", None)
    assert all(column.size == 0 for column in none.values())
    assert tuple(both) == tuple(none) == MAP_SOURCES["profile_band"]
    assert map_range(density(), "both", none["high"]) == (0.0, 1.08 * 920)
    np.testing.assert_allclose(map_range(density(), "both", both["high"]), (0.0, 9.6 * 115))
    assert map_of(shown(known())).ranges["map_range"] == doubts(shown(known())).ranges["map_range"]


def test_a_cluster_may_lie_beside_where_it_is_shown() -> None:
    """Twelve bins of one dollar; ours waits in bin 5, a member's up to three bins away."""
    longs, shorts = np.zeros((2, 12, 3), np.float32)
    longs[5] = 4
    one = replace(
        density(),
        price_edges=np.arange(95.0, 108.0),
        long_base=longs,
        short_base=shorts,
        long_by_leverage_base=longs[:, -1][None].repeat(2, 0),
        short_by_leverage_base=shorts[:, -1][None].repeat(2, 0),
    )

    def spread(*bins: int) -> str:
        members = Members(*np.zeros((2, len(bins), 12), np.float32))
        for member, row in enumerate(bins):
            members.long_base[member, row] = 1.0
        (cluster,) = largest_clusters(one, 101.0)
        low, high = interval_quote(cluster, one, members)
        return f"{usd(low)}–{usd(high)}"

    assert spread(5, 5) == "$100–$100"
    assert spread(8, 8) == "$104–$104"
    assert spread(9, 9) == "$104–$104"  # three bins wide: the farthest covers 7 to 9
    assert spread(10, 10) == "$0–$0"


def test_a_difference_is_signed_and_has_nothing_in_the_middle() -> None:
    other = replace(density(), short_base=density().short_base[::-1].copy())
    one, kept = draw(market(), density(), View(), versus=("turnover", other))
    amounts = one.image.quote.reshape(4, 3)
    np.testing.assert_allclose(amounts[:, 2], [-8 * 85, -3 * 95, 3 * 105, 8 * 115])
    colors = one.image.rgba.reshape(4, 3)
    ladder = table("difference").view(np.uint32).ravel()
    assert colors[3, 2] == ladder[255]
    step = int(255 * 680 / kept.high) >> 1
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


def test_colours_of_history_stay_while_the_scale_nearly_fits() -> None:
    first = scale(density())
    grown = replace(density(), long_base=density().long_base * np.float32(1.001))
    grown.short_base[3, 2] *= 1.05
    assert scale(grown, before=first).high == first.high
    assert scale(grown).high != first.high
    other = scale(grown, View(positions="short"), first)
    assert other.high > first.high, "another picture has its own scale"
    grown.short_base[3, 2] *= 1.2
    assert scale(grown, before=first).high > 1_100


def test_the_parts_of_a_sum_are_named_and_add_up() -> None:
    venues = {"Bybit": density(), "OKX": expected(density(), TRIPLE)}
    assert breakdown(venues, "both") == (
        ("OKX", "$1.02K", "$3.71K", "75%"),
        ("Bybit", "$340", "$1.24K", "25%"),
    )
    assert breakdown(venues, "long")[0] == ("OKX", "$1.02K", "$0", "75%")
    assert breakdown({"Bybit": density()}, "both") == ()
    assert BreakdownPanel().update(State(shown=shown())) == Breakdown(rows=())


def test_without_leverages_the_map_claims_none() -> None:
    plain = replace(
        density(),
        long_by_leverage_base=np.zeros((0, 0), np.float32),
        short_by_leverage_base=np.zeros((0, 0), np.float32),
        leverages=np.zeros(0),
    )
    bars = profile(plain, "both", 100.0).sources["profile"]
    assert set(bars["color"]) == {UNKNOWN_COLOR}
    np.testing.assert_allclose(bars["right"], [340, 0, 315, 920])
