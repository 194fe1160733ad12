"""Icons of an installed page, painted from www/icon.svg: some platforms take no SVG.

Pillow, which paints, is a part of Bokeh's environment.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from PIL import Image, ImageDraw

from tools.build import compiled
from tools.build.console import ROOT, BuildError

SMOOTHER = 4
"""Times as large as an icon is painted at first."""
_SVG = "{http://www.w3.org/2000/svg}"
_BOX = re.compile(r"M(?P<x>[\d.]+) (?P<y>[\d.]+)h(?P<width>[\d.]+)(?P<way>[vV])(?P<to>[\d.]+)H\1z")


class Look(NamedTuple):
    """An icon's size, and of what kind it is.

    A `whole` one has ground up to its corners, since the platform cuts its shape. Nothing is
    certain of that shape but a circle of four fifths, so the mark is `part` as large.
    """

    size_px: int
    whole: bool = False
    part: float = 1.0


ICONS = {
    "install/icon-192.png": Look(192),
    "install/icon-512.png": Look(512),
    "install/maskable-512.png": Look(512, whole=True, part=0.8),
    "install/apple-touch-icon.png": Look(180, whole=True, part=0.95),
}
SCREENSHOTS = {"install/wide.png": "screenshot.png", "install/narrow.png": "phone.png"}
"""What a browser shows of the page before it installs it: files of docs/."""
ASIDE = frozenset({*ICONS, *SCREENSHOTS})


class _Box(NamedTuple):
    """A filled rectangle in units of the SVG, which is 16 wide, and the radius of its corners."""

    left: float
    top: float
    right: float
    bottom: float
    radius: float
    color: str


def files(svg: bytes) -> dict[str, bytes]:
    """What the manifest of the installed page names, by path."""
    code = Path(__file__).read_bytes()
    found = {
        path: compiled.kept(Path(path).stem, partial(png, svg, look), code, svg)
        for path, look in ICONS.items()
    }
    return found | {path: (ROOT / "docs" / name).read_bytes() for path, name in SCREENSHOTS.items()}


def png(svg: bytes, look: Look) -> bytes:
    """The icon as a file."""
    out = io.BytesIO()
    painted(svg, look).quantize(255).save(out, "PNG", optimize=True)
    return out.getvalue()


def painted(svg: bytes, look: Look) -> Image.Image:
    """The icon as an image with transparency.

    Raises
    ------
    BuildError
        The SVG has a shape other than a ground and rectangles on it.
    """
    ground, *marks = _boxes(svg)
    size = look.size_px * SMOOTHER
    image = Image.new("RGBA", (size, size), ground.color if look.whole else (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    unit = size / 16 * look.part
    edge = size * (1 - look.part) / 2
    for box in marks if look.whole else (ground, *marks):
        left, top, right, bottom = (round(edge + unit * one) for one in box[:4])
        radius = round(unit * box.radius)
        draw.rounded_rectangle((left, top, right - 1, bottom - 1), radius, fill=box.color)
    return image.resize((look.size_px, look.size_px), Image.Resampling.LANCZOS)


def _boxes(svg: bytes) -> Iterator[_Box]:
    """The ground and what is on it, the lowest first."""
    root = ElementTree.fromstring(svg)
    if root.get("viewBox") != "0 0 16 16":
        raise BuildError("www/icon.svg: icons are painted from 16 units by 16")
    for shape in root:
        color, found = shape.get("fill", ""), _BOX.fullmatch(shape.get("d", ""))
        if shape.tag == f"{_SVG}rect" and not shape.get("x") and not shape.get("y"):
            width, height = (float(shape.get(name, 0)) for name in ("width", "height"))
            yield _Box(0.0, 0.0, width, height, float(shape.get("rx", 0)), color)
        elif found:
            left, top, width, to = (float(found[one]) for one in ("x", "y", "width", "to"))
            bottom = top + to if found["way"] == "v" else to
            yield _Box(left, top, left + width, bottom, 0.0, color)
        else:
            raise BuildError("www/icon.svg: icons are painted from rectangles, and this is none")
