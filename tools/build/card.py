"""The picture beside a shared link: a heatmap under what it is called and where it is from.

Chats show it a few hundred pixels wide, so that words are large and few.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from tools.build import compiled, icons
from tools.build.console import say
from tools.build.links import COINS, SIZE_PX, picture_of, symbol_of

GROUND, TEXT, QUIET, ACCENT = "#0d1018", "#e7ebf3", "#98a2b8", "#f7a743"
"""The dark page's."""
EDGE = 24
TOP, BOTTOM = 112, 542
"""Where the heatmap begins and ends [px]."""
EXAMPLE = "example, simulated"
WHAT = "Liquidation heatmap, estimated"
_HEAVY = 1
"""Pillow's own typeface has one weight: a stroke of so many pixels makes another."""


class Heat(NamedTuple):
    """A heatmap as PNG; whose market it shows, and of when, nothing for the example."""

    png: bytes
    source: str = ""


def pictures(fresh: Mapping[str, Heat], svg: bytes) -> dict[str, bytes]:
    """The picture of every coin by path: of these heatmaps, else of the example.

    `svg` is the mark of the site.
    """
    code = [
        Path(__file__).with_name(f"{one}.py").read_bytes() for one in ("card", "icons", "links")
    ]
    program = "import sys; from liqmap import preview; sys.stdout.buffer.write(preview.example())"
    example = Heat(compiled.kept("preview", lambda: compiled.printed(program)))
    found = {}
    for coin in COINS:
        heat = fresh.get(coin, example)
        made = partial(png, heat.png, coin, heat.source, svg)
        of = (*code, heat.png, heat.source.encode(), svg)
        found[picture_of(coin)] = compiled.kept(f"picture-{coin}", made, *of)
    return found


def fresh() -> dict[str, Heat]:
    """Heatmaps of the coins of which an exchange can be read from here; that takes minutes."""
    symbols = [symbol_of(coin) for coin in COINS]
    program = f"from liqmap import preview; print(preview.fresh_json({symbols!r}))"
    read = json.loads(compiled.printed(program))
    found = {
        coin: Heat(base64.b64decode(read[symbol]["png"]), read[symbol]["source"])
        for coin, symbol in zip(COINS, symbols, strict=True)
        if symbol in read
    }
    for coin in COINS:
        say(f"the picture of {coin}: {found[coin].source if coin in found else EXAMPLE}")
    return found


def png(heat: bytes, coin: str, source: str, svg: bytes) -> bytes:
    """The picture as a file.

    Parameters
    ----------
    heat : bytes
        The heatmap as PNG, as large as the place for it.
    coin : str
    source : str
        Whose market it shows, and of when; empty for the example.
    svg : bytes
        The mark of the site.
    """
    width, height = SIZE_PX
    image = Image.new("RGB", SIZE_PX, GROUND)
    with Image.open(io.BytesIO(heat)) as picture:
        image.paste(picture, (EDGE, TOP, width - EDGE, BOTTOM))
    mark = icons.painted(svg, icons.Look(96))
    image.paste(mark, (EDGE - 18, (TOP - 96) // 2), mark)  # its ground is not seen
    draw = ImageDraw.Draw(image)
    middle = TOP / 2
    draw.text((EDGE + 86, middle), "liqmap", TEXT, _font(74), "lm", stroke_width=_HEAVY + 1)
    draw.text((width - EDGE, middle), coin, ACCENT, _font(92), "rm", stroke_width=_HEAVY + 1)
    below = (BOTTOM + height) / 2
    draw.text((EDGE, below), WHAT, QUIET, _font(35), "lm")
    _tag(draw, width - EDGE, below, source or EXAMPLE)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _tag(draw: ImageDraw.ImageDraw, right: float, middle: float, text: str) -> None:
    """Words on a plate, which ends at the right."""
    font, about = _font(42), 20
    left = right - draw.textlength(text, font) - 2 * about
    draw.rounded_rectangle((left, middle - 30, right, middle + 30), 14, ACCENT)
    draw.text((left + about, middle), text, GROUND, font, "lm", stroke_width=_HEAVY)


def _font(size_px: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size_px)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
