"""The Bokeh document: an empty picture with named sources.

Runs when the site is built (and in notebooks); the browser gets the JSON. Colours of
text, axes and grid come from the page's style sheet (`--bk-…`), so that the theme can
change without Python. Sources and models are found by name; `liqmap.picture` fills them.
"""

from __future__ import annotations

import json
from typing import Any

from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.models import (
    BasicTicker,
    BoxZoomTool,
    ColumnDataSource,
    CrosshairTool,
    DatetimeTicker,
    DatetimeTickFormatter,
    FixedTicker,
    GridBox,
    LinearColorMapper,
    NumeralTickFormatter,
    PanTool,
    Range1d,
    ResetTool,
    WheelZoomTool,
)
from bokeh.models.annotations import ColorBar, Label, Span, Title
from bokeh.models.plots import Plot
from bokeh.plotting import figure

from liqmap.happened import SOURCES as HAPPENED
from liqmap.layer import SOURCES as KNOWN
from liqmap.palettes import LONG_COLOR, SHORT_COLOR
from liqmap.picture import SOURCES

MAP_WIDTH_PX = 230
PAST_WIDTH_PX = 76
STRIP_HEIGHT_PX = 124
_ROUND: dict[str, Any] = {"padding": 5, "border_radius": 3}
_UTC = DatetimeTickFormatter(
    minutes="%H:%M",
    hourmin="%H:%M",
    hours="%H:%M",
    days="%d %b",
    months="%b %Y",
    years="%Y",
)
Sources = dict[str, ColumnDataSource]


_ROOM, _OWN_SIZE = "minmax(0, 1fr)", "auto"
_COLUMNS: Any = [_ROOM, _OWN_SIZE, _OWN_SIZE]
_ROWS: Any = [_ROOM, _OWN_SIZE]


def document() -> Any:
    """The layout: heatmap, liquidation map and what happened, on shared axes.

    Beside the heatmap, sharing its price: the map of what waits, and a histogram of what
    happened. Below it, sharing its time: the liquidations that happened.
    """
    sources = {
        name: ColumnDataSource(data={column: [] for column in columns}, name=name)
        for name, columns in (SOURCES | HAPPENED | KNOWN).items()
    }
    price = Range1d(start=0, end=1, name="price_range")
    time = Range1d(start=0, end=1, name="time_range")
    ticks = DatetimeTicker(desired_num_ticks=8, name="time_ticks")
    crosshair = CrosshairTool(
        visible=False,
        overlay=(
            Span(dimension="width", line_dash="dotted", line_color="#8b93a7", line_width=1),
            Span(dimension="height", line_dash="dotted", line_color="#8b93a7", line_width=1),
        ),
    )
    return GridBox(
        children=[
            (_heatmap(sources, time, ticks, price, crosshair), 0, 0),
            (_map(sources, price, crosshair), 0, 1),
            (_past(sources, price, crosshair), 0, 2),
            (_strip(sources, time, ticks, crosshair), 1, 0),
        ],
        cols=_COLUMNS,
        rows=_ROWS,
        sizing_mode="stretch_both",
        name="layout",
    )


def document_json() -> str:
    """The document as BokehJS embeds it."""
    return json.dumps(json_item(document(), ID("plot")), separators=(",", ":"))


def _bare(plot: Any) -> None:
    """What the page's ground shows through, and no more ink than needed."""
    plot.background_fill_color = None
    plot.border_fill_color = None
    plot.outline_line_color = None
    plot.grid.grid_line_alpha = 0.5
    plot.grid.level = "underlay"
    plot.axis.minor_tick_line_color = None
    plot.axis.major_tick_in = 0
    plot.axis.major_tick_out = 4
    plot.axis.major_label_text_font_size = "11px"
    plot.axis.axis_line_color = None


def _tools(plot: Any, crosshair: CrosshairTool, dimensions: Any = "both") -> None:
    """Drag and wheel; a side chart moves only along the axis it shares."""
    wheel = WheelZoomTool(modifiers={}, zoom_on_axis=True, dimensions=dimensions)
    pan = PanTool(dimensions=dimensions)
    plot.add_tools(pan, wheel, BoxZoomTool(dimensions=dimensions), ResetTool(), crosshair)
    plot.toolbar.active_scroll = wheel
    plot.toolbar.active_drag = pan
    plot.toolbar.logo = None
    plot.toolbar.stylesheets = [".bk-divider { display: none; }"]


def _spot_line(name: str) -> Span:
    return Span(
        name=name,
        dimension="width",
        location=0,
        line_color="#ffffff",
        line_dash="dashed",
        line_width=1.2,
        visible=False,
    )


def _heatmap(
    sources: Sources,
    time: Range1d,
    ticks: DatetimeTicker,
    price: Range1d,
    crosshair: CrosshairTool,
) -> Plot:
    plot = figure(
        name="heat",
        sizing_mode="stretch_both",
        min_width=120,
        x_range=time,
        y_range=price,
        x_axis_type="datetime",
        y_axis_location="right",
        toolbar_location="above",
        tools="",
        output_backend="canvas",
        lod_threshold=None,
        min_border_left=64,
        html_attributes={
            "role": "img",
            "aria-label": "Heatmap of estimated liquidations over time and price; "
            "the table of the largest clusters says the same in text.",
        },
    )
    _bare(plot)
    _tools(plot, crosshair)
    plot.grid.visible = False
    plot.xaxis.name = "time_axis"
    plot.xaxis.formatter = _UTC
    plot.xaxis.ticker = ticks
    plot.yaxis.formatter = NumeralTickFormatter(format="0,0", name="price_format")
    plot.yaxis.ticker = BasicTicker(desired_num_ticks=9)
    plot.image_rgba(
        source=sources["image"], image="image", x="x", y="y", dw="dw", dh="dh", level="image"
    )
    for direction, color in (("rising", LONG_COLOR), ("falling", SHORT_COLOR)):
        plot.segment(
            x0="time",
            y0="low",
            x1="time",
            y1="high",
            source=sources[direction],
            line_color=color,
            name=f"{direction}_wicks",
        )
        plot.vbar(
            x="time",
            width="width",
            top="top",
            bottom="bottom",
            source=sources[direction],
            fill_color=color,
            line_color=color,
            line_width=0.5,
            name=f"{direction}_bodies",
        )
    plot.segment(
        x0="x0",
        x1="x1",
        y0="y",
        y1="y",
        source=sources["accounts"],
        line_color="color",
        line_width="width",
        name="accounts_lines",
    )
    plot.scatter(
        x="time",
        y="price",
        size="size",
        source=sources["events"],
        fill_color="color",
        fill_alpha=0.35,
        line_color="color",
        line_width=1.5,
        name="events_marks",
    )
    plot.add_layout(_spot_line("spot_line"))
    plot.add_layout(
        Label(
            name="watermark",
            x=18,
            y=16,
            x_units="screen",
            y_units="screen",
            text="",
            text_font_size="22px",
            text_font_style="bold",
            text_alpha=0.85,
            text_color="#ffb84d",
            background_fill_color="#10131c",
            background_fill_alpha=0.72,
            **_ROUND,
            visible=False,
        )
    )
    mapper = LinearColorMapper(palette=["#000000", "#ffffff"], low=0, high=1, name="colors")
    plot.add_layout(
        ColorBar(
            name="color_bar",
            color_mapper=mapper,
            ticker=FixedTicker(ticks=[], name="color_ticks"),
            width=10,
            padding=6,
            major_label_text_font_size="10px",
            major_label_text_color="#8b93a7",
            major_tick_line_color=None,
            background_fill_color=None,
            bar_line_color=None,
            label_standoff=5,
        ),
        "left",
    )
    return plot


def _map(sources: Sources, price: Range1d, crosshair: CrosshairTool) -> Plot:
    plot = figure(
        name="map",
        sizing_mode="stretch_height",
        width=MAP_WIDTH_PX,
        x_range=Range1d(start=0, end=1, name="map_range"),
        y_range=price,
        toolbar_location=None,
        tools="",
        lod_threshold=None,
        min_border_left=0,
        html_attributes={
            "role": "img",
            "aria-label": "Liquidation map: estimated liquidations by price at the last bar, "
            "longs below the price and shorts above, with cumulative curves.",
        },
    )
    _bare(plot)
    _tools(plot, crosshair, "height")
    plot.extra_x_ranges = {"cumulative": Range1d(start=0, end=1, name="cumulative_range")}
    plot.yaxis.visible = False
    plot.ygrid.grid_line_color = None
    plot.xaxis.formatter = NumeralTickFormatter(format="$0a")
    plot.xaxis.ticker = BasicTicker(desired_num_ticks=3, name="map_ticks")
    plot.harea(
        source=sources["profile_band"],
        x1="low",
        x2="high",
        y="price",
        fill_color="#8b93a7",
        fill_alpha=0.38,
        name="profile_band_area",
    )
    plot.quad(
        source=sources["profile"],
        left="left",
        right="right",
        bottom="bottom",
        top="top",
        fill_color="color",
        line_color=None,
    )
    plot.line(
        source=sources["profile_band"],
        x="low",
        y="price",
        line_color="#10131c",
        line_alpha=0.4,
        name="profile_band_low",
    )
    for name, color in (("cumulative_long", LONG_COLOR), ("cumulative_short", SHORT_COLOR)):
        plot.harea(
            source=sources[name],
            x1=0,
            x2="total",
            y="price",
            x_range_name="cumulative",
            fill_color=color,
            fill_alpha=0.07,
        )
        plot.line(
            source=sources[name],
            x="total",
            y="price",
            x_range_name="cumulative",
            line_color=color,
            line_width=1.5,
        )
    plot.add_layout(_spot_line("spot_line_map"))
    plot.add_layout(
        Label(
            name="spot_tag",
            x=0,
            y=0,
            x_units="screen",
            text="",
            text_font_size="11px",
            text_font_style="bold",
            text_baseline="middle",
            text_color="#10131c",
            background_fill_color="#ffffff",
            **_ROUND,
            visible=False,
        )
    )
    return plot


def _past(sources: Sources, price: Range1d, crosshair: CrosshairTool) -> Plot:
    plot = figure(
        name="past",
        sizing_mode="stretch_height",
        width=PAST_WIDTH_PX,
        x_range=Range1d(start=0, end=1, name="liq_profile_range"),
        y_range=price,
        toolbar_location=None,
        tools="",
        min_border_left=0,
        visible=False,
        html_attributes={
            "role": "img",
            "aria-label": "Liquidations that happened, by price.",
        },
    )
    _bare(plot)
    _tools(plot, crosshair, "height")
    plot.yaxis.visible = False
    plot.ygrid.grid_line_color = None
    plot.xaxis.formatter = NumeralTickFormatter(format="$0a")
    plot.xaxis.ticker = BasicTicker(desired_num_ticks=1)
    plot.quad(
        source=sources["liq_profile"],
        left="left",
        right="right",
        bottom="bottom",
        top="top",
        fill_color="color",
        line_color=None,
    )
    plot.add_layout(_spot_line("spot_line_past"))
    plot.add_layout(_caption("Happened", "past_caption"), "above")
    return plot


def _strip(
    sources: Sources, time: Range1d, ticks: DatetimeTicker, crosshair: CrosshairTool
) -> Plot:
    plot = figure(
        name="strip",
        sizing_mode="stretch_width",
        height=STRIP_HEIGHT_PX,
        x_range=time,
        y_range=Range1d(start=-1, end=1, name="liq_range"),
        x_axis_type="datetime",
        y_axis_location="right",
        toolbar_location=None,
        tools="",
        output_backend="canvas",
        lod_threshold=None,
        visible=False,
        html_attributes={
            "role": "img",
            "aria-label": "Liquidations that happened over time: longs up, shorts down.",
        },
    )
    _bare(plot)
    _tools(plot, crosshair, "width")
    plot.xgrid.visible = False
    plot.xaxis.formatter = _UTC
    plot.xaxis.ticker = ticks
    plot.yaxis.formatter = NumeralTickFormatter(format="$0a")
    plot.yaxis.ticker = BasicTicker(desired_num_ticks=3)
    for name, color, bottom, top in (
        ("liq_long", LONG_COLOR, 0, "top"),
        ("liq_short", SHORT_COLOR, "bottom", 0),
    ):
        plot.vbar(
            x="time",
            width="width",
            bottom=bottom,
            top=top,
            source=sources[name],
            fill_color=color,
            line_color=color,
            line_width=0.5,
            name=f"{name}_bars",
        )
    plot.add_layout(Span(dimension="width", location=0, line_color="#8b93a7", line_width=1))
    plot.add_layout(_caption("Liquidations that happened", "strip_caption"), "above")
    return plot


def _caption(text: str, name: str) -> Title:
    """What a small chart shows, above it."""
    return Title(
        name=name,
        text=text,
        text_font_size="11px",
        text_font_style="normal",
        text_color="#8b93a7",
        standoff=3,
    )
