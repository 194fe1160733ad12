"""The Bokeh document: an empty picture with named sources.

Runs when the site is built (and in notebooks); the browser gets the JSON. Colours of
text, axes and grid come from the page's style sheet (`--bk-…`), so that the theme can
change without Python. Sources and models are found by name; `liqmap.picture.heatmap` fills them.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.models import (
    BoxZoomTool,
    CategoricalColorMapper,
    ColumnDataSource,
    CrosshairTool,
    DatetimeTicker,
    DatetimeTickFormatter,
    FixedTicker,
    GridBox,
    LinearAxis,
    PanTool,
    Range1d,
    ResetTool,
    WheelZoomTool,
)
from bokeh.models.annotations import BoxAnnotation, Label, Span, TeeHead, Title, Whisker
from bokeh.plotting import figure

from liqmap.picture import (
    account_lines,
    cluster_bands,
    heatmap,
    level_lines,
    liquidation_chart,
    liquidation_map,
    position_lines,
    sweep_marks,
)
from liqmap.picture.palettes import LONG_COLOR, SHORT_COLOR

_PARTS = (
    *(heatmap, liquidation_map, liquidation_chart, account_lines),
    *(cluster_bands, level_lines, position_lines, sweep_marks),
)
SIZES_PX = {"map": ("width", 230, 84), "past": ("width", 122, 36), "strip": ("height", 124, 92)}
"""Which extent of a side chart is its own, on a desk and on a phone; the page switches."""
_INK, _QUIET, _GROUND = "#ffffff", "#8b93a7", "#10131c"
_ROOM, _OWN_SIZE = "minmax(0, 1fr)", "auto"
_COLUMNS: Any = [_ROOM, _OWN_SIZE, _OWN_SIZE, _OWN_SIZE]
"""The second is the other model's; where it is shown, the page gives it room."""
_ROWS: Any = [_ROOM, _OWN_SIZE]
_ACROSS: Any = {"width": "height", "height": "width"}
"""Direction of a line that marks one instant or one price: across its axis."""
Chart = Any  # Bokeh's figure; its type hints know no columns by name


class _Shared(NamedTuple):
    """Models that all charts share."""

    sources: dict[str, ColumnDataSource]
    time: Range1d
    price: Range1d
    ticks: DatetimeTicker
    clock: DatetimeTickFormatter
    cross: tuple[Span, Span]
    """A line at the pointer's price, and one at its time."""
    sides: CategoricalColorMapper
    """Colours of what happened to longs and to shorts; the page's theme has its own."""


def document() -> GridBox:
    """The layout: heatmap, liquidation map and what happened, on shared axes.

    Beside the heatmap, on its price axis: the liquidation map, and a histogram of liquidations
    seen. Below it, on its time axis: the liquidations seen.
    """
    cross: Any = {"line_dash": "dotted", "line_color": _QUIET, "line_width": 1}
    cross["level"] = "overlay"  # so that a pointer that moves repaints nothing else
    hours: Any = dict.fromkeys(("minutes", "hourmin", "hours"), "%H:%M")
    shared = _Shared(
        sources={
            name: ColumnDataSource(data={column: [] for column in columns}, name=name)
            for part in _PARTS
            for name, columns in part.SOURCES.items()
        },
        time=_range("time_range"),
        price=_range("price_range"),
        ticks=DatetimeTicker(desired_num_ticks=8, name="time_ticks"),
        clock=DatetimeTickFormatter(**hours, days="%d %b", months="%b %Y", years="%Y"),
        cross=(Span(dimension="width", **cross), Span(dimension="height", **cross)),
        sides=CategoricalColorMapper(
            name="sides", factors=["long", "short"], palette=[LONG_COLOR, SHORT_COLOR]
        ),
    )
    return GridBox(
        children=[
            (_heatmap(shared), 0, 0),
            (_other(shared), 0, 1),
            (_map(shared), 0, 2),
            (_past(shared), 0, 3),
            (_strip(shared), 1, 0),
        ],
        cols=_COLUMNS,
        rows=_ROWS,
        sizing_mode="stretch_both",
        name="layout",
    )


def document_json() -> str:
    """The document as BokehJS embeds it."""
    return json.dumps(json_item(document(), ID("plot")), separators=(",", ":"))


def _heatmap(shared: _Shared) -> Chart:
    """The heatmap, under candles and marks of liquidations seen."""
    plot = _over_time(
        shared,
        "heat",
        "Heatmap of estimated liquidations over time and price; "
        "the table of the largest clusters says the same in text.",
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
    plot.add_layout(_name("heat_name"))
    line = {"x0": "x0", "x1": "x1", "y0": "y", "y1": "y", "line_color": "color"}
    accounts = shared.sources["accounts"]
    plot.segment(source=accounts, **line, line_width="width", name="accounts_lines")
    _levels(plot, shared)
    side = {"field": "side", "transform": shared.sides}
    mark: Any = {"x": "time", "y": "price", "size": "size", "fill_color": side, "line_color": side}
    events = shared.sources["events"]
    plot.scatter(source=events, **mark, fill_alpha=0.35, line_width=1.5, name="events_marks")
    swept: Any = {"marker": "diamond", "fill_alpha": 0.2, "line_width": 2, "visible": False}
    plot.scatter(source=shared.sources["sweeps"], **mark, **swept, name="sweep_marks")
    band: Any = {"fill_color": None, "line_color": _INK, "line_width": 2}
    _histogram(plot, shared.sources["selection"], **band, name="selection_band")
    plot.add_layout(_spot_line("spot_line"))
    _position(plot, shared)
    _as_of(plot, "")
    watermark = _words("watermark", "22px", "#ffb84d", _GROUND, x=18, y=46)
    watermark.update(y_units="screen", text_alpha=0.85, background_fill_alpha=0.72)
    plot.add_layout(watermark)
    return plot


def _position(plot: Chart, shared: _Shared) -> None:
    """A visitor's own position: lines at its prices, each on a halo, and what they are."""
    place: Any = {"source": shared.sources["position"], "y0": "y", "y1": "y", "x0": "x0"}
    for name, color, width in (("halo", _GROUND, 4), ("lines", _INK, 1.5)):
        ink = {"line_color": color, "line_width": width, "name": f"position_{name}"}
        plot.segment(**place, x1="x1", **ink)
    box: Any = {"background_fill_color": _GROUND, "background_fill_alpha": 0.8, "padding": 2}
    font: Any = {"text_color": _INK, "text_font_size": "11px", "text_baseline": "middle"}
    words: Any = {"x": "x", "y": "y", "text": "words", "x_offset": 8, "name": "position_words"}
    plot.text(source=shared.sources["position"], **words, **box, **font)


def _other(shared: _Shared) -> Chart:
    """The heatmap of a model that is compared with, on the same axes."""
    plot = _over_time(
        shared,
        "other",
        "Heatmap of the model that is compared with.",
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
    plot.add_layout(_spot_line("spot_line_other"))
    _as_of(plot, "_other")
    plot.add_layout(_name("other_name"))
    return plot


def _candles(plot: Chart, shared: _Shared, prefix: str) -> None:
    """Candles, each on a halo of the ground's colour, so that they stand out on any palette."""
    outline = {"x": "time", "y": "price"}
    body = {"x": "time", "y1": "bottom", "y2": "top"}
    halo = {"line_color": _GROUND, "line_width": 3.5, "line_cap": "square", "line_join": "miter"}
    candles = {"rising": LONG_COLOR, "falling": SHORT_COLOR}
    for name in candles:
        plot.line(source=shared.sources[name], **outline, **halo, name=f"{prefix}{name}_halo")
    for name, color in candles.items():
        bodies = shared.sources[f"{name}_bodies"]
        plot.varea(source=bodies, **body, fill_color=color, name=f"{prefix}{name}_fill")
        ink = {"line_color": color, "line_join": "miter", "name": f"{prefix}{name}_line"}
        plot.line(source=shared.sources[name], **outline, **ink)


def _levels(plot: Chart, shared: _Shared) -> None:
    """Levels of the history: a thin line each, its words above its end."""
    source = shared.sources["level_lines"]
    ink: Any = {"line_color": {"field": "side", "transform": shared.sides}, "line_alpha": "alpha"}
    ends = {"x0": "x0", "x1": "x1", "y0": "y", "y1": "y"}
    plot.segment(source=source, **ends, **ink, line_dash="dashed", name="level_lines_marks")
    font: Any = {"text_font_size": "11px", "text_align": "right", "text_baseline": "bottom"}
    font |= {"text_color": _INK, "text_alpha": "alpha", "background_fill_color": _GROUND}
    place: Any = {"x": "x1", "y": "y", "text": "words", "x_offset": -6, "padding": 2}
    plot.text(source=source, **place, **font, background_fill_alpha=0.6, name="level_lines_words")


def _map(shared: _Shared) -> Chart:
    """The liquidation map: exposure at the last bar, by price."""
    plot = _beside(
        shared,
        "map",
        "Liquidation map: estimated liquidations by price at the last bar, longs below the price "
        "and shorts above, with the sum from the price outward on the upper axis.",
        x_range=_range("map_range"),
        width=SIZES_PX["map"][1],
    )
    _usd_axis(plot.xaxis, "map_axis")
    plot.xaxis.axis_label = "at each price"
    plot.extra_x_ranges = {"cumulative": _range("cumulative_range")}
    upper = LinearAxis(x_range_name="cumulative", axis_label="sum from price")
    plot.add_layout(upper, "above")
    _plain_axis(upper)
    _usd_axis(upper, "cumulative_axis")
    bars = shared.sources["profile"]
    _histogram(plot, bars, fill_color=_INK, fill_alpha="alpha", name="profile_bars")
    for name, color in (("cumulative_long", LONG_COLOR), ("cumulative_short", SHORT_COLOR)):
        curve = {"source": shared.sources[name], "y": "price", "x_range_name": "cumulative"}
        plot.line(**curve, x="total", line_color=color, line_width=1.5, name=f"{name}_line")
    ink: Any = {"line_color": _INK, "line_width": 1, "name": "profile_whiskers"}
    place: Any = {"base": "price", "lower": "low", "upper": "high", "dimension": "width"}
    heads: Any = {side: TeeHead(size=6, line_color=_INK) for side in ("lower_head", "upper_head")}
    intervals = shared.sources["profile_intervals"]
    plot.add_layout(Whisker(source=intervals, **place, **heads, **ink))
    box: Any = {"background_fill_color": _GROUND, "background_fill_alpha": 0.75, "padding": 2}
    words: Any = {"y": "price", "text_baseline": "baseline", "text_align": "right", **box}
    words |= {"text_color": _INK, "text_font_size": "11px", "text_font_style": "bold"}
    pain = shared.sources["max_pain"]
    line: Any = {"line_color": {"field": "side", "transform": shared.sides}}
    line |= {"line_dash": "dotted", "line_width": 1.5}
    plot.segment(source=pain, x0="amount", x1="right", y0="price", y1="price", **line)
    plot.text(source=pain, x="right", text="words", **words, name="max_pain_words")
    ends = {"x": "total", "text": "words", "x_range_name": "cumulative"}
    sums = shared.sources["cumulative_ends"]
    plot.text(source=sums, **ends, **words, x_offset=-4, name="cumulative_words")
    plot.add_layout(_spot_line("spot_line_map"))
    return plot


def _past(shared: _Shared) -> Chart:
    """Liquidations seen, by price."""
    words = "Liquidations that happened, by price."
    own: Any = {"x_range": _range("liq_profile_range"), "y_axis_location": "right"}
    plot = _beside(shared, "past", words, **own, width=SIZES_PX["past"][1], visible=False)
    _usd_axis(plot.xaxis, "past_axis")
    plot.xaxis.axis_label = "USD"
    plot.yaxis.visible = True
    plot.yaxis.name = "past_price_axis"
    plot.yaxis.ticker = FixedTicker(ticks=[])
    side = {"field": "side", "transform": shared.sides}
    _histogram(plot, shared.sources["liq_profile"], fill_color=side)
    plot.add_layout(_spot_line("spot_line_past"))
    plot.add_layout(_caption("Happened", "past_caption"), "above")
    return plot


def _strip(shared: _Shared) -> Chart:
    """Liquidations seen, over time."""
    plot = _over_time(
        shared,
        "strip",
        "Liquidations that happened over time: longs up, shorts down.",
        "width",
        y_range=Range1d(start=-1, end=1, name="liq_range"),
        sizing_mode="stretch_width",
        height=SIZES_PX["strip"][1],
        visible=False,
    )
    plot.xgrid.visible = False
    _usd_axis(plot.yaxis, "strip_axis")
    plot.yaxis.axis_label = "USD"
    _bars(plot, shared.sources["liq_long"], 0, "top", LONG_COLOR, "liq_long_bars")
    _bars(plot, shared.sources["liq_short"], "bottom", 0, SHORT_COLOR, "liq_short_bars")
    plot.add_layout(Span(dimension="width", location=0, line_color=_QUIET, line_width=1))
    plot.add_layout(_caption("Liquidated: longs up, shorts down", "strip_caption"), "above")
    return plot


def _over_time(
    shared: _Shared, name: str, words: str, dimensions: str = "both", **options: Any
) -> Chart:
    """A chart on the shared time, its second axis at the right."""
    options |= {"x_range": shared.time, "x_axis_type": "datetime", "y_axis_location": "right"}
    plot = _chart(shared, name, words, dimensions, options)
    plot.xaxis.formatter = shared.clock
    plot.xaxis.ticker = shared.ticks
    return plot


def _beside(shared: _Shared, name: str, words: str, **options: Any) -> Chart:
    """A narrow chart of dollars on the shared price."""
    options |= {"y_range": shared.price, "sizing_mode": "stretch_height", "min_border_left": 0}
    plot = _chart(shared, name, words, "height", options)
    plot.yaxis.visible = False
    plot.ygrid.grid_line_color = None
    return plot


def _chart(
    shared: _Shared, name: str, words: str, dimensions: Any, options: dict[str, Any]
) -> Chart:
    """An empty chart; a side chart is panned along the axis it shares.

    The background is transparent; `words` describe the chart to screen readers.
    """
    plot: Chart = figure(
        name=name,
        tools="",
        lod_threshold=None,
        html_attributes={"role": "img", "aria-label": words},
        **{"toolbar_location": None} | options,
    )
    plot.background_fill_color = None
    plot.border_fill_color = None
    plot.outline_line_color = None
    plot.grid.grid_line_alpha = 0.5
    plot.grid.level = "underlay"
    _plain_axis(plot.axis)
    pan = PanTool(dimensions=dimensions)
    wheel = WheelZoomTool(modifiers={}, zoom_on_axis=True, dimensions=dimensions)
    box = BoxZoomTool(dimensions=dimensions)
    at_price, at_time = shared.cross
    overlay: Any = {"both": shared.cross, "width": at_time, "height": at_price}[dimensions]
    crosshair = CrosshairTool(
        visible=False, overlay=overlay, dimensions=_ACROSS.get(dimensions, dimensions)
    )
    plot.add_tools(pan, wheel, box, ResetTool(), crosshair)
    plot.toolbar.active_drag = pan
    plot.toolbar.active_scroll = wheel
    plot.toolbar.logo = None
    plot.toolbar.stylesheets = [".bk-divider { display: none; }"]
    return plot


def _range(name: str) -> Range1d:
    return Range1d(start=0, end=1, name=name)


def _bars(
    plot: Chart, source: ColumnDataSource, bottom: str | int, top: str | int, color: str, name: str
) -> None:
    """Bars over time; an end is a column or a number."""
    place = {"x": "time", "width": "width", "bottom": bottom, "top": top}
    ink = {"fill_color": color, "line_color": color, "line_width": 0.5}
    plot.vbar(source=source, **place, **ink, name=name)


def _plain_axis(axis: Any) -> None:
    """Few marks beside the labels."""
    axis.minor_tick_line_color = None
    axis.major_tick_in = 0
    axis.major_tick_out = 4
    axis.major_label_text_font_size = "11px"
    axis.axis_label_text_font_size = "10px"
    axis.axis_label_text_font_style = "normal"
    axis.axis_label_standoff = 2
    axis.axis_line_color = None


def _usd_axis(axis: Any, name: str) -> None:
    """An axis whose ticks and labels come with the data: a pattern rounds $1.5B to $2B."""
    axis.name = name
    axis.ticker = FixedTicker(ticks=[])


def _histogram(plot: Chart, source: ColumnDataSource, **ink: Any) -> None:
    """Bars by price."""
    edges = {name: name for name in ("left", "right", "bottom", "top")}
    plot.quad(source=source, **edges, **{"line_color": None} | ink)


def _spot_line(name: str) -> Span:
    ink: Any = {"line_color": _INK, "line_dash": "dashed", "line_width": 1.2}
    return Span(name=name, dimension="width", location=0, **ink, visible=False)


def _as_of(plot: Chart, suffix: str) -> None:
    """An instant of the past: a line, and what came after it, dimmed but for its candles."""
    name: Any = {"name": f"as_of_after{suffix}", "visible": False, "level": "underlay"}
    plot.add_layout(BoxAnnotation(**name, fill_color=_GROUND, fill_alpha=0.6, line_color=None))
    ink: Any = {"line_color": _INK, "line_width": 1.5, "visible": False}
    plot.add_layout(Span(name=f"as_of_line{suffix}", dimension="height", location=0, **ink))
    words = _words(f"as_of_words{suffix}", "12px", _INK, _GROUND, x=0, y=80, y_units="screen")
    words.update(x_units="data", background_fill_alpha=0.72)
    plot.add_layout(words)


def _words(name: str, size: str, color: str, ground: str, **place: Any) -> Label:
    """Bold words on a ground of their own, hidden until there are some."""
    font: Any = {"text_font_size": size, "text_font_style": "bold", "text_color": color}
    box: Any = {"background_fill_color": ground, "padding": 5, "border_radius": 3}
    return Label(name=name, text="", x_units="screen", **place, **font, **box, visible=False)


def _name(name: str) -> Label:
    """Whose picture it is, at the lower left, where there are two."""
    return _words(name, "13px", _INK, _GROUND, x=18, y=14, y_units="screen")


def _caption(text: str, name: str) -> Title:
    """What a small chart shows, above it."""
    font: Any = {"text_font_size": "11px", "text_font_style": "normal", "text_color": _QUIET}
    return Title(name=name, text=text, **font, standoff=3)
