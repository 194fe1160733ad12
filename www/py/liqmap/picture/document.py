"""The Bokeh document: an empty picture with named sources.

Runs when the site is built (and in notebooks); the browser gets the JSON. Colours of
text, axes and grid come from the page's style sheet (`--bk-…`), so that the theme can
change without Python. Sources and models are found by name; `liqmap.picture.heatmap` fills them.
"""

from __future__ import annotations

import json
from typing import Any

from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.models import (
    CategoricalColorMapper,
    CategoricalMarkerMapper,
    CategoricalPatternMapper,
    ColumnDataSource,
    DatetimeTicker,
    DatetimeTickFormatter,
    FixedTicker,
    GridBox,
    LinearAxis,
    Range1d,
)
from bokeh.models.annotations import BoxAnnotation, Span, TeeHead, Whisker

from liqmap.language import mark
from liqmap.picture import (
    account_lines,
    cluster_bands,
    context,
    heatmap,
    level_lines,
    liquidation_chart,
    liquidation_map,
    position_lines,
    sweep_marks,
)
from liqmap.picture.charts import (
    GROUND,
    INK,
    QUIET,
    Chart,
    Shared,
    beside,
    caption,
    histogram,
    model_name,
    named_range,
    over_time,
    plain_axis,
    spot_line,
    time_bars,
    usd_axis,
    words_at,
)
from liqmap.picture.palettes import LONG_COLOR, SHORT_COLOR

_PARTS = (
    *(heatmap, liquidation_map, liquidation_chart, account_lines),
    *(context, cluster_bands, level_lines, position_lines, sweep_marks),
)
SIZES_PX = {
    "map": ("width", 230, 84),
    "past": ("width", 122, 64),
    "strip": ("height", 124, 92),
    "context": ("height", 104, 96),
}
"""Which extent of a side chart is its own, on a desk and on a phone; the page switches."""
_SIDES = ["long", "short"]
_ROOM, _OWN_SIZE = "minmax(0, 1fr)", "auto"
_COLUMNS: Any = [_ROOM, _OWN_SIZE, _OWN_SIZE, _OWN_SIZE]
"""The second is the other model's; where it is shown, the page gives it room."""
_ROWS: Any = [_ROOM, _OWN_SIZE, _OWN_SIZE]


def document() -> GridBox:
    """The layout: heatmap, liquidation map and what happened, on shared axes.

    Beside the heatmap, on its price axis: the liquidation map, and a histogram of liquidations
    seen. Below it, on its time axis: the liquidations seen, and what else the venue tells.
    """
    cross: Any = {"line_dash": "dotted", "line_color": QUIET, "line_width": 1}
    cross["level"] = "overlay"  # so that a pointer that moves repaints nothing else
    hours: Any = dict.fromkeys(("minutes", "hourmin", "hours"), "%H:%M")
    shared = Shared(
        sources={
            name: ColumnDataSource(data={column: [] for column in columns}, name=name)
            for part in _PARTS
            for name, columns in part.SOURCES.items()
        },
        time=named_range("time_range"),
        price=named_range("price_range"),
        ticks=DatetimeTicker(desired_num_ticks=8, name="time_ticks"),
        clock=DatetimeTickFormatter(
            **hours, days="%d %b", months="%b %Y", years="%Y", name="time_clock"
        ),
        cross=(
            Span(name="cross_price", dimension="width", **cross),
            Span(name="cross_time", dimension="height", **cross),
        ),
        sides=CategoricalColorMapper(
            name="sides", factors=_SIDES, palette=[LONG_COLOR, SHORT_COLOR]
        ),
    )
    return GridBox(
        children=[
            (_heatmap(shared), 0, 0),
            (_other(shared), 0, 1),
            (_map(shared), 0, 2),
            (_past(shared), 0, 3),
            (_strip(shared), 1, 0),
            (_context(shared), 2, 0),
        ],
        cols=_COLUMNS,
        rows=_ROWS,
        sizing_mode="stretch_both",
        name="layout",
    )


def document_json() -> str:
    """The document as BokehJS embeds it."""
    return json.dumps(json_item(document(), ID("plot")), separators=(",", ":"))


def _heatmap(shared: Shared) -> Chart:
    """The heatmap, under candles and marks of liquidations seen."""
    plot = over_time(
        shared,
        "heat",
        mark(
            "Heatmap of estimated liquidations over time and price; "
            "the table of the largest clusters says the same in text."
        ),
        y_range=shared.price,
        sizing_mode="stretch_both",
        min_width=120,
        min_border_left=4,
        min_border_right=70,
        toolbar_location="above",
    )
    plot.grid.visible = False
    plot.xaxis.name = "time_axis"
    plot.yaxis.name = "price_axis"
    plot.yaxis.ticker = FixedTicker(ticks=[])
    place = {name: name for name in ("x", "y", "dw", "dh")}
    plot.image_rgba(source=shared.sources["image"], image="image", **place, level="image")
    _candles(plot, shared, "")
    plot.add_layout(model_name("heat_name"))
    line = {"x0": "x0", "x1": "x1", "y0": "y", "y1": "y", "line_color": "color"}
    accounts = shared.sources["accounts"]
    plot.segment(source=accounts, **line, line_width="width", name="accounts_lines")
    _levels(plot, shared)
    side = {"field": "side", "transform": shared.sides}
    dot: Any = {"x": "time", "y": "price", "size": "size", "fill_color": side, "line_color": side}
    events = shared.sources["events"]
    seen = _marker("inverted_triangle", "triangle")
    plot.scatter(
        source=events, **dot, marker=seen, fill_alpha=0.35, line_width=1.5, name="events_marks"
    )
    swept: Any = {"marker": _marker("diamond", "diamond_dot"), "visible": False}
    swept |= {"fill_alpha": 0.2, "line_width": 2}
    plot.scatter(source=shared.sources["sweeps"], **dot, **swept, name="sweep_marks")
    band: Any = {"fill_color": None, "line_color": INK, "line_width": 2}
    histogram(plot, shared.sources["selection"], **band, name="selection_band")
    plot.add_layout(spot_line("spot_line"))
    _position(plot, shared)
    _as_of(plot, "")
    watermark = words_at("watermark", "22px", "#ffb84d", GROUND, x=18, y=46)
    watermark.update(y_units="screen", text_alpha=0.85, background_fill_alpha=0.72)
    plot.add_layout(watermark)
    return plot


def _marker(long: str, short: str) -> dict[str, Any]:
    """The shape of a mark by its side: colour alone does not say it to everyone."""
    markers: Any = [long, short]
    shapes = CategoricalMarkerMapper(factors=_SIDES, markers=markers)
    return {"field": "side", "transform": shapes}


def _position(plot: Chart, shared: Shared) -> None:
    """A visitor's own position: lines at its prices, each on a halo, and what they are."""
    place: Any = {"source": shared.sources["position"], "y0": "y", "y1": "y", "x0": "x0"}
    for name, color, width in (("halo", GROUND, 4), ("lines", INK, 1.5)):
        ink = {"line_color": color, "line_width": width, "name": f"position_{name}"}
        plot.segment(**place, x1="x1", **ink)
    box: Any = {"background_fill_color": GROUND, "background_fill_alpha": 0.8, "padding": 2}
    font: Any = {"text_color": INK, "text_font_size": "11px", "text_baseline": "baseline"}
    words: Any = {"x": "x0", "y": "y", "text": "words", "x_offset": 8, "name": "position_words"}
    plot.text(source=shared.sources["position"], **words, **box, **font)


def _other(shared: Shared) -> Chart:
    """The heatmap of a model that is compared with, on the same axes."""
    plot = over_time(
        shared,
        "other",
        mark("Heatmap of the model that is compared with."),
        y_range=shared.price,
        sizing_mode="stretch_both",
        min_border_left=4,
        min_border_right=24,
        visible=False,
    )
    plot.grid.visible = False
    plot.yaxis.visible = False
    place = {name: name for name in ("x", "y", "dw", "dh")}
    plot.image_rgba(source=shared.sources["other_image"], image="image", **place, level="image")
    _candles(plot, shared, "other_")
    plot.add_layout(spot_line("spot_line_other"))
    _as_of(plot, "_other")
    plot.add_layout(model_name("other_name"))
    return plot


def _candles(plot: Chart, shared: Shared, prefix: str) -> None:
    """Candles, each on a halo of the ground's colour, so that they stand out on any palette."""
    outline = {"x": "time", "y": "price"}
    body = {"x": "time", "y1": "bottom", "y2": "top"}
    halo = {"line_color": GROUND, "line_width": 3.5, "line_cap": "square", "line_join": "miter"}
    candles = {"rising": LONG_COLOR, "falling": SHORT_COLOR}
    for name in candles:
        plot.line(source=shared.sources[name], **outline, **halo, name=f"{prefix}{name}_halo")
    for name, color in candles.items():
        bodies = shared.sources[f"{name}_bodies"]
        plot.varea(source=bodies, **body, fill_color=color, name=f"{prefix}{name}_fill")
        ink = {"line_color": color, "line_join": "miter", "name": f"{prefix}{name}_line"}
        plot.line(source=shared.sources[name], **outline, **ink)


def _levels(plot: Chart, shared: Shared) -> None:
    """Levels of the history: a thin line each, its words above its end."""
    source = shared.sources["level_lines"]
    ink: Any = {"line_color": {"field": "side", "transform": shared.sides}, "line_alpha": "alpha"}
    ends = {"x0": "x0", "x1": "x1", "y0": "y", "y1": "y"}
    plot.segment(source=source, **ends, **ink, line_dash="dashed", name="level_lines_marks")
    font: Any = {"text_font_size": "11px", "text_align": "right", "text_baseline": "bottom"}
    font |= {"text_color": INK, "text_alpha": "alpha", "background_fill_color": GROUND}
    place: Any = {"x": "x1", "y": "y", "text": "words", "x_offset": -6, "padding": 2}
    plot.text(source=source, **place, **font, background_fill_alpha=0.6, name="level_lines_words")


def _map(shared: Shared) -> Chart:
    """The liquidation map: exposure at the last bar, by price."""
    plot = beside(
        shared,
        "map",
        mark(
            "Liquidation map: estimated liquidations by price at the last bar, longs below the "
            "price and shorts above, with the sum from the price outward on the upper axis."
        ),
        x_range=named_range("map_range"),
        y_axis_location="right",
        width=SIZES_PX["map"][1],
    )
    usd_axis(plot.xaxis, "map_axis")
    plot.yaxis.name = "map_price_axis"  # where the map takes the heatmap's place
    plot.yaxis.ticker = FixedTicker(ticks=[])
    plot.xaxis.axis_label = mark("at each price")
    plot.extra_x_ranges = {"cumulative": named_range("cumulative_range")}
    upper = LinearAxis(x_range_name="cumulative", axis_label=mark("sum from price"))
    plot.add_layout(upper, "above")
    plain_axis(upper)
    usd_axis(upper, "cumulative_axis")
    bars = shared.sources["profile"]
    histogram(plot, bars, fill_color=INK, fill_alpha="alpha", name="profile_bars")
    for name, color in (("cumulative_long", LONG_COLOR), ("cumulative_short", SHORT_COLOR)):
        curve = {"source": shared.sources[name], "y": "price", "x_range_name": "cumulative"}
        plot.line(**curve, x="total", line_color=color, line_width=1.5, name=f"{name}_line")
    ink: Any = {"line_color": INK, "line_width": 1, "name": "profile_whiskers"}
    place: Any = {"base": "price", "lower": "low", "upper": "high", "dimension": "width"}
    heads: Any = {side: TeeHead(size=6, line_color=INK) for side in ("lower_head", "upper_head")}
    intervals = shared.sources["profile_intervals"]
    plot.add_layout(Whisker(source=intervals, **place, **heads, **ink))
    box: Any = {"background_fill_color": GROUND, "background_fill_alpha": 0.75, "padding": 2}
    words: Any = {"y": "price", "text_baseline": "baseline", "text_align": "right", **box}
    words |= {"text_color": INK, "text_font_size": "11px", "text_font_style": "bold"}
    pain = shared.sources["max_pain"]
    line: Any = {"line_color": {"field": "side", "transform": shared.sides}}
    line |= {"line_dash": "dotted", "line_width": 1.5}
    plot.segment(source=pain, x0="amount", x1="right", y0="price", y1="price", **line)
    plot.text(source=pain, x="right", text="words", **words, name="max_pain_words")
    ends = {"x": "total", "text": "words", "x_range_name": "cumulative"}
    sums = shared.sources["cumulative_ends"]
    plot.text(source=sums, **ends, **words, x_offset=-4, name="cumulative_words")
    plot.add_layout(spot_line("spot_line_map"))
    return plot


def _past(shared: Shared) -> Chart:
    """Liquidations seen, by price."""
    words = mark("Liquidations that happened, by price.")
    own: Any = {"x_range": named_range("liq_profile_range"), "y_axis_location": "right"}
    plot = beside(shared, "past", words, **own, width=SIZES_PX["past"][1], visible=False)
    usd_axis(plot.xaxis, "past_axis")
    plot.xaxis.axis_label = "USD"
    plot.yaxis.visible = True
    plot.yaxis.name = "past_price_axis"
    plot.yaxis.ticker = FixedTicker(ticks=[])
    side = {"field": "side", "transform": shared.sides}
    patterns: Any = [" ", "vertical_line"]
    stripes = CategoricalPatternMapper(factors=_SIDES, patterns=patterns)
    hatch: Any = {"hatch_pattern": {"field": "side", "transform": stripes}, "hatch_scale": 5}
    hatch |= {"hatch_color": GROUND, "hatch_alpha": 0.6, "hatch_weight": 2, "name": "past_bars"}
    histogram(plot, shared.sources["liq_profile"], fill_color=side, **hatch)
    plot.add_layout(spot_line("spot_line_past"))
    plot.add_layout(caption(mark("Happened"), "past_caption"), "above")
    return plot


def _strip(shared: Shared) -> Chart:
    """Liquidations seen, over time."""
    plot = over_time(
        shared,
        "strip",
        mark("Liquidations that happened over time: longs up, shorts down."),
        "width",
        y_range=Range1d(start=-1, end=1, name="liq_range"),
        sizing_mode="stretch_width",
        height=SIZES_PX["strip"][1],
        visible=False,
    )
    plot.xgrid.visible = False
    plot.xaxis.name = "strip_time_axis"
    usd_axis(plot.yaxis, "strip_axis")
    plot.yaxis.axis_label = "USD"
    time_bars(plot, shared.sources["liq_long"], 0, "top", LONG_COLOR, "liq_long_bars")
    time_bars(plot, shared.sources["liq_short"], "bottom", 0, SHORT_COLOR, "liq_short_bars")
    plot.add_layout(Span(dimension="width", location=0, line_color=QUIET, line_width=1))
    plot.add_layout(caption(mark("Liquidated: longs up, shorts down"), "strip_caption"), "above")
    return plot


def _context(shared: Shared) -> Chart:
    """What else the venue tells of the same time, hidden until a view asks for it."""
    plot = over_time(
        shared,
        "context",
        mark("Open interest, funding, takers or accounts over time, as the settings say."),
        "width",
        y_range=named_range("context_range"),
        sizing_mode="stretch_width",
        height=SIZES_PX["context"][1],
        visible=False,
    )
    plot.xgrid.visible = False
    plot.xaxis.name = "context_time_axis"
    usd_axis(plot.yaxis, "context_axis")
    zero: Any = {"line_color": QUIET, "line_width": 1, "visible": False}
    plot.add_layout(Span(name="context_level", dimension="width", location=0, **zero))
    line: Any = {"x": "time", "y": "value", "line_color": INK, "line_width": 1.5}
    plot.line(source=shared.sources["context_line"], **line, name="context_ink")
    plot.add_layout(caption("", "context_caption"), "above")
    return plot


def _as_of(plot: Chart, suffix: str) -> None:
    """An instant of the past: a line, and what came after it, dimmed but for its candles."""
    name: Any = {"name": f"as_of_after{suffix}", "visible": False, "level": "underlay"}
    plot.add_layout(BoxAnnotation(**name, fill_color=GROUND, fill_alpha=0.6, line_color=None))
    ink: Any = {"line_color": INK, "line_width": 1.5, "visible": False}
    plot.add_layout(Span(name=f"as_of_line{suffix}", dimension="height", location=0, **ink))
    words = words_at(f"as_of_words{suffix}", "12px", INK, GROUND, x=0, y=80, y_units="screen")
    words.update(x_units="data", background_fill_alpha=0.72)
    plot.add_layout(words)
