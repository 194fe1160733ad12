"""The page's Bokeh document, filled: for notebooks, and as an HTML file that stands alone."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from bokeh.embed import file_html
from bokeh.io import output_notebook
from bokeh.io import show as shown_by_bokeh
from bokeh.models import BasicTicker, GridBox, HoverTool, NumeralTickFormatter
from bokeh.models.annotations import Title
from bokeh.resources import INLINE

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.drawing.drawn import Drawn, drawn
from liqmap.estimate.density import Density
from liqmap.picture.document import document
from liqmap.picture.palettes import LONG_COLOR, SHORT_COLOR
from liqmap.view import View

HEIGHT_PX = 620


class Ink(NamedTuple):
    """Colours of a theme, as the page's style sheet has them."""

    ground: str
    text: str
    quiet: str
    labels: str
    grid: str
    leverage: str
    long: str
    short: str


INKS = {
    "dark": Ink(
        *("#0d1018", "#e7ebf3", "#98a2b8", "#a9b3c7", "#232a3b", "#c9d0ff"),
        *(LONG_COLOR, SHORT_COLOR),
    ),
    "light": Ink(
        *("#ffffff", "#151a26", "#525c72", "#3f485c", "#e6eaf1", "#27348b"),
        *("#066350", "#b01235"),
    ),
}


def figure(
    what: Market | Density,
    view: View | str = "",
    *,
    market: Market | None = None,
    liquidations: Liquidations | None = None,
    height_px: int = HEIGHT_PX,
) -> GridBox:
    """The page's figure as a Bokeh layout: heatmap, candles, liquidation map, what happened.

    Parameters
    ----------
    what : Market or Density
        Of a market, what the view asks for is estimated.
    view : View or str
        As in a link: `"range=3d&scale=log&theme=light"`.
    market : Market, optional
        Whose candles stand over a density.
    liquidations : Liquidations, optional
        What happened, to be marked.
    height_px : int

    Raises
    ------
    InputError
        The view is none, or there is nothing to draw.
    """
    how = view_of(view)
    return filled(drawn(what, how, market=market, liquidations=liquidations), how, height_px)


def show(
    what: Market | Density,
    view: View | str = "",
    *,
    market: Market | None = None,
    liquidations: Liquidations | None = None,
    height_px: int = HEIGHT_PX,
) -> None:
    """Draw it in a notebook; elsewhere a browser is opened. Parameters as of `figure`."""
    layout = figure(what, view, market=market, liquidations=liquidations, height_px=height_px)
    if _in_notebook():
        output_notebook(INLINE, hide_banner=True)
    shown_by_bokeh(layout)


def html(
    what: Market | Density,
    view: View | str = "",
    *,
    market: Market | None = None,
    liquidations: Liquidations | None = None,
    height_px: int = HEIGHT_PX,
) -> str:
    """The same as one HTML file that needs nothing else, BokehJS in it. Parameters as `figure`."""
    how = view_of(view)
    one = drawn(what, how, market=market, liquidations=liquidations)
    page = file_html(filled(one, how, height_px), INLINE, title=f"liqmap · {one.title}")
    ground = _ink(how).ground
    return page.replace("\n  <body>\n", f'\n  <body style="background: {ground}">\n', 1)


def view_of(view: View | str) -> View:
    """A view, or the one that a text like a link's means."""
    return view if isinstance(view, View) else View.from_query(view)


def _in_notebook() -> bool:
    """Whether this is IPython with a kernel, not a terminal."""
    try:
        from IPython import get_ipython  # noqa: PLC0415 - only where a notebook runs
    except ModuleNotFoundError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def filled(one: Drawn, view: View, height_px: int) -> GridBox:
    """The document with the arrays in it, in the view's theme, as the page's script fills it."""
    layout = document()
    named: dict[str, Any] = {model.name: model for model in layout.references() if model.name}
    picture = one.picture
    parts: list[Any] = [picture, one.map]
    if one.happened is not None:
        parts += [one.happened, one.happened.strips["usd"]]
    for part in parts:
        for name, columns in part.sources.items():
            named[name].data = {key: _column(values) for key, values in columns.items()}
        for name, (start, end) in part.ranges.items():
            named[name].update(start=start, end=end, reset_start=start, reset_end=end)
        for name, ticks in getattr(part, "axes", {}).items():
            named[name].ticker.ticks = list(ticks.places)
            named[name].major_label_overrides = dict(zip(ticks.places, ticks.labels, strict=True))
    image = picture.image
    place = {name: [getattr(image, name)] for name in ("x", "y", "dw", "dh")}
    pixels = image.rgba.reshape(image.rows, image.columns)
    quote = image.quote.reshape(image.rows, image.columns)
    named["image"].data = {"image": [pixels], "quote": [quote], **place}
    for name in ("spot_line", "spot_line_map", "spot_line_past"):
        named[name].update(location=picture.spot, visible=True)
    named["watermark"].update(text=picture.watermark, visible=bool(picture.watermark))
    prices = named["price_axis"]
    prices.ticker = BasicTicker(desired_num_ticks=9)
    decimals = "." + "0" * picture.decimals if picture.decimals else ""
    prices.formatter = NumeralTickFormatter(format=f"0,0{decimals}")
    heat = named["heat"]
    heat.title.update(text=one.title, text_font_size="13px")
    for line in reversed(picture.what.split("; ")):
        heat.add_layout(Title(text=line, text_font_style="normal", text_font_size="11px"), "above")
    (drawn_image,) = (one for one in heat.renderers if one.data_source.name == "image")
    heat.add_tools(_reading(drawn_image, picture.unit, f"0,0{decimals}"))
    for name in ("strip", "past"):
        named[name].visible = one.happened is not None
    layout.update(sizing_mode="stretch_width", height=height_px)
    _dress(layout, named, _ink(view))
    return layout


def _ink(view: View) -> Ink:
    return INKS["light" if view.theme == "light" else "dark"]


def _reading(image: Any, unit: str, price: str) -> HoverTool:
    """What a pointer reads: time, price, and what waits there."""
    rows = [("time", "$x{%d %b %H:%M}"), ("price", f"$y{{{price}}}"), (unit, "@quote{$0.00a}")]
    return HoverTool(
        renderers=[image], tooltips=rows, formatters={"$x": "datetime"}, point_policy="follow_mouse"
    )


def _column(values: Any) -> Any:
    return values if isinstance(values, np.ndarray) else list(values)


def _dress(layout: GridBox, named: dict[str, Any], ink: Ink) -> None:
    """The theme's colours, which on the page come from its style sheet."""
    for child in layout.children:
        plot: Any = child[0]
        plot.update(background_fill_color=ink.ground, border_fill_color=ink.ground)
        plot.grid.grid_line_color = ink.grid
        for words in plot.select({"type": Title}):
            words.text_color = ink.quiet
        for axis in plot.axis:
            axis.major_label_text_color = ink.labels
            axis.axis_label_text_color = ink.quiet
            axis.major_tick_line_color = ink.quiet
    for name in ("spot_line", "spot_line_map", "spot_line_past"):
        named[name].line_color = ink.text
    for name in ("max_pain_words", "cumulative_words"):
        named[name].glyph.update(text_color=ink.text, background_fill_color=ink.ground)
    for name in ("strip_caption", "past_caption"):
        named[name].text_color = ink.quiet
    named["profile_bars"].glyph.fill_color = ink.leverage
    for name, color in (("rising", ink.long), ("falling", ink.short)):
        named[f"{name}_halo"].glyph.line_color = ink.ground
        named[f"{name}_line"].glyph.line_color = color
        named[f"{name}_fill"].glyph.fill_color = ink.ground if name == "rising" else color
    named["sides"].palette = [ink.long, ink.short]
    for name, color in (("liq_long_bars", ink.long), ("liq_short_bars", ink.short)):
        named[name].glyph.update(fill_color=color, line_color=color)
    for name, color in (("cumulative_long_line", ink.long), ("cumulative_short_line", ink.short)):
        named[name].glyph.line_color = color
