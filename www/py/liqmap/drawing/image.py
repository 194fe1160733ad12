"""The picture as a PNG with its axes, its unit and its legend, without a browser."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from liqmap.data.market import Market
from liqmap.drawing.drawn import Drawn, drawn
from liqmap.drawing.figure import INKS, Ink, view_of
from liqmap.drawing.pixels import Inks, down, pixels
from liqmap.estimate.density import Density
from liqmap.picture.ticks import plain_ticks
from liqmap.view import View
from liqmap.words import number, usd

WIDTH_PX, HEIGHT_PX = 1400, 800
_TOP, _RIGHT, _BOTTOM, _LEFT = 84, 96, 40, 16
_LETTERS_PX, _SMALL_PX = 17, 14
_LEGEND_PX = 260
_MOST_PRICES, _MOST_TIMES = 9, 8


def png(
    what: Market | Density,
    view: View | str = "",
    *,
    market: Market | None = None,
    width_px: int = WIDTH_PX,
    height_px: int = HEIGHT_PX,
) -> bytes:
    """The picture as a file.

    Parameters
    ----------
    what, view, market
        As of `liqmap.drawing.figure.figure`.
    width_px, height_px : int

    Raises
    ------
    InputError
        The view is none, or there is nothing to draw.
    """
    how = view_of(view)
    one = drawn(what, how, market=market)
    ink = INKS["light" if how.theme == "light" else "dark"]
    sheet = Image.new("RGB", (width_px, height_px), ink.ground)
    plot = (_LEFT, _TOP, width_px - _RIGHT, height_px - _BOTTOM)
    low, high = one.picture.ranges["price_range"]
    size = plot[2] - plot[0], plot[3] - plot[1]
    ground, rising, falling, spot = (
        bytes.fromhex(color[1:]) for color in (ink.ground, ink.long, ink.short, ink.text)
    )
    made = pixels(one.picture, (low, high), *size, Inks(ground, rising, falling, spot))
    sheet.paste(Image.fromarray(made), plot[:2])
    draw = ImageDraw.Draw(sheet)
    draw.rectangle(plot, outline=ink.grid)
    _prices(draw, plot, one, ink)
    _times(draw, plot, one, ink)
    draw.text((_LEFT, 12), one.title, ink.text, _font(_LETTERS_PX))
    draw.text((_LEFT, 42), one.picture.what, ink.quiet, _font(_SMALL_PX))
    _legend(sheet, draw, one, ink)
    if one.picture.watermark:
        place = (plot[0] + 16, plot[3] - 46)
        draw.text(place, one.picture.watermark, "#ffb84d", _font(28), stroke_width=1)
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()


def _font(size_px: int) -> Any:
    """Pillow's own typeface."""
    return ImageFont.load_default(size_px)


def _prices(draw: Any, plot: tuple[int, int, int, int], one: Drawn, ink: Ink) -> None:
    """Round prices at the right, the newest one on a ground of its own."""
    ends, height_px = one.picture.ranges["price_range"], plot[3] - plot[1]
    spot, digits = one.picture.spot, one.picture.decimals
    at_spot = plot[1] + down(spot, ends, height_px)
    for price in plain_ticks(*ends, _MOST_PRICES, signed=False).places:
        y = plot[1] + down(price, ends, height_px)
        if abs(y - at_spot) > _LETTERS_PX:
            draw.line([(plot[2], y), (plot[2] + 4, y)], ink.quiet)
            words = number(price, digits)
            draw.text((plot[2] + 8, y), words, ink.labels, _font(_SMALL_PX), anchor="lm")
    words = number(spot, digits)
    box = draw.textbbox((plot[2] + 8, at_spot), words, _font(_SMALL_PX), anchor="lm")
    draw.rectangle((box[0] - 4, box[1] - 3, box[2] + 4, box[3] + 3), ink.text)
    draw.text((plot[2] + 8, at_spot), words, ink.ground, _font(_SMALL_PX), anchor="lm")


def _times(draw: Any, plot: tuple[int, int, int, int], one: Drawn, ink: Ink) -> None:
    """Round times below, UTC."""
    image, width_px = one.picture.image, plot[2] - plot[0]
    steps_ms = [3_600_000 * hours for hours in (1, 2, 3, 6, 12, 24, 48, 120, 240, 720)]
    step_ms = next((one for one in steps_ms if image.dw / one <= _MOST_TIMES), steps_ms[-1])
    for time_ms in np.arange(-(-image.x // step_ms) * step_ms, image.x + image.dw, step_ms):
        x = plot[0] + round((time_ms - image.x) / image.dw * width_px)
        draw.line([(x, plot[3]), (x, plot[3] + 4)], ink.quiet)
        instant = datetime.fromtimestamp(time_ms / 1000, UTC)
        words = f"{instant:%d %b}" if not instant.hour else f"{instant:%H:%M}"
        anchor = "ma" if x > plot[0] + _SMALL_PX else "la"
        draw.text((x, plot[3] + 8), words, ink.labels, _font(_SMALL_PX), anchor=anchor)
    draw.text((plot[2] + 8, plot[3] + 8), "UTC", ink.quiet, _font(_SMALL_PX))


def _legend(sheet: Any, draw: Any, one: Drawn, ink: Ink) -> None:
    """The colours, and the amounts at their ends."""
    bar = one.picture.colors
    right = sheet.width - _RIGHT
    place = (right - _LEGEND_PX, 16)
    strip = Image.new("RGB", (256, 1), ink.ground)
    for at, color in enumerate(bar.palette.split(",")):
        red, green, blue, *_ = ImageColor.getrgb(color)
        strip.putpixel((at, 0), (red, green, blue))
    strip = strip.resize((_LEGEND_PX, 12))
    sheet.paste(strip, place)
    low, high = usd(bar.low_quote), usd(bar.high_quote)
    draw.text((place[0] - 8, 22), low, ink.labels, _font(_SMALL_PX), anchor="rm")
    draw.text((right + 8, 22), high, ink.labels, _font(_SMALL_PX), anchor="lm")
