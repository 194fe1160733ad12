"""Empty charts of the Bokeh document, and the simple things that are drawn on them."""

from __future__ import annotations

from typing import Any, NamedTuple

from bokeh.models import (
    BoxZoomTool,
    CategoricalColorMapper,
    ColumnDataSource,
    CrosshairTool,
    DatetimeTicker,
    DatetimeTickFormatter,
    FixedTicker,
    PanTool,
    Range1d,
    ResetTool,
    WheelZoomTool,
)
from bokeh.models.annotations import Label, Span, Title
from bokeh.plotting import figure

INK, QUIET, GROUND = "#ffffff", "#8b93a7", "#10131c"
"""Stand for the theme's colours, which the page puts in their place."""
_ACROSS: Any = {"width": "height", "height": "width"}
"""Direction of a line that marks one instant or one price: across its axis."""
_TOOLBAR = ".bk-divider { display: none; }"
Chart = Any  # Bokeh's figure; its type hints know no columns by name


class Shared(NamedTuple):
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


def over_time(
    shared: Shared, name: str, words: str, dimensions: str = "both", **options: Any
) -> Chart:
    """A chart on the shared time, its second axis at the right."""
    options |= {"x_range": shared.time, "x_axis_type": "datetime", "y_axis_location": "right"}
    plot = empty_chart(shared, name, words, dimensions, options)
    plot.xaxis.formatter = shared.clock
    plot.xaxis.ticker = shared.ticks
    return plot


def beside(shared: Shared, name: str, words: str, **options: Any) -> Chart:
    """A narrow chart of dollars on the shared price."""
    options |= {"y_range": shared.price, "sizing_mode": "stretch_height", "min_border_left": 0}
    plot = empty_chart(shared, name, words, "height", options)
    plot.yaxis.visible = False
    plot.ygrid.grid_line_color = None
    return plot


def empty_chart(
    shared: Shared, name: str, words: str, dimensions: Any, options: dict[str, Any]
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
    plain_axis(plot.axis)
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
    plot.toolbar.stylesheets = [_TOOLBAR]
    return plot


def named_range(name: str) -> Range1d:
    """A range that the page fills by its name."""
    return Range1d(start=0, end=1, name=name)


def time_bars(
    plot: Chart, source: ColumnDataSource, bottom: str | int, top: str | int, color: str, name: str
) -> None:
    """Bars over time; an end is a column or a number."""
    place = {"x": "time", "width": "width", "bottom": bottom, "top": top}
    ink = {"fill_color": color, "line_color": color, "line_width": 0.5}
    plot.vbar(source=source, **place, **ink, name=name)


def plain_axis(axis: Any) -> None:
    """Few marks beside the labels."""
    axis.minor_tick_line_color = None
    axis.major_tick_in = 0
    axis.major_tick_out = 4
    axis.major_label_text_font_size = "11px"
    axis.axis_label_text_font_size = "10px"
    axis.axis_label_text_font_style = "normal"
    axis.axis_label_standoff = 2
    axis.axis_line_color = None


def usd_axis(axis: Any, name: str) -> None:
    """An axis whose ticks and labels come with the data: a pattern rounds $1.5B to $2B."""
    axis.name = name
    axis.ticker = FixedTicker(ticks=[])


def histogram(plot: Chart, source: ColumnDataSource, **ink: Any) -> None:
    """Bars by price."""
    edges = {name: name for name in ("left", "right", "bottom", "top")}
    plot.quad(source=source, **edges, **{"line_color": None} | ink)


def spot_line(name: str) -> Span:
    """A line at the newest price, which the page moves and shows."""
    ink: Any = {"line_color": INK, "line_dash": "dashed", "line_width": 1.2}
    return Span(name=name, dimension="width", location=0, **ink, visible=False)


def words_at(name: str, size: str, color: str, ground: str, **place: Any) -> Label:
    """Bold words on a ground of their own, hidden until there are some."""
    font: Any = {"text_font_size": size, "text_font_style": "bold", "text_color": color}
    box: Any = {"background_fill_color": ground, "padding": 5, "border_radius": 3}
    return Label(name=name, text="", x_units="screen", **place, **font, **box, visible=False)


def model_name(name: str) -> Label:
    """Whose picture it is, at the lower left, where there are two."""
    return words_at(name, "13px", INK, GROUND, x=18, y=14, y_units="screen")


def caption(text: str, name: str) -> Title:
    """What a small chart shows, above it."""
    font: Any = {"text_font_size": "11px", "text_font_style": "normal", "text_color": QUIET}
    return Title(name=name, text=text, **font, standoff=3)
