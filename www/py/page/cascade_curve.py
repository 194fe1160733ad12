"""The curve of a cascade, as an SVG: which shock ends where."""

import math

from pyscript import document

from liqmap.language import say
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyscript import Element

SVG = "http://www.w3.org/2000/svg"
MOST, FARTHEST = 20, 30
"""The largest shock, and the largest final move that is drawn [%]."""
EVERY = 10
"""Between two lines of the grid [%]."""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 230, 38, 14, 8, 34  # px


def draw(
    svg: Element,
    shocks: Sequence[float],
    final: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    here: tuple[float, float],
) -> None:
    """Final move by shock, both as fractions of the price; what is NaN is left out.

    `low` and `high` are P10 and P90; `here` is the shock that is played, and where it ends.
    """
    ends = [100 * abs(one) for part in (final, low, high) for one in part if not math.isnan(one)]
    ends.append(MOST)
    most = min(EVERY * math.ceil(max(ends) / EVERY - 1e-9), FARTHEST)
    svg.replaceChildren()
    draw_axes(svg, most)
    shape(svg, "polyline", "even", [(-MOST, -MOST), (MOST, MOST)], most)
    for sign in (-1, 1):
        own = [row for row, shock in enumerate(shocks) if shock * sign > 0]
        out = [(100 * shocks[row], 100 * low[row]) for row in own]
        back = [(100 * shocks[row], 100 * high[row]) for row in reversed(own)]
        shape(svg, "polygon", "band", out + back, most)
        middle = [(100 * shocks[row], 100 * final[row]) for row in own]
        shape(svg, "polyline", "final", middle, most)
    if not math.isnan(here[1]):
        x, y = place(100 * here[0], 100 * here[1], most)
        add(svg, "circle", {"r": "4", "cx": px(x), "cy": px(y)})


def draw_axes(svg: Element, most: int) -> None:
    """Grid, numbers and names of both axes."""
    for tick in range(-MOST, MOST + 1, EVERY):
        shape(svg, "polyline", "grid", [(tick, -most), (tick, most)], most)
        write(svg, place(tick, 0, most)[0], HEIGHT - BOTTOM + 14, signed(tick))
    for tick in range(-most, most + 1, EVERY):
        shape(svg, "polyline", "grid", [(-MOST, tick), (MOST, tick)], most)
        write(svg, LEFT - 5, place(0, tick, most)[1] + 3, signed(tick), {"class": "end"})
    x, y = place(0, 0, most)
    write(svg, x, HEIGHT - 4, say("shock, % of the price"))
    write(svg, 10, y, say("final move, %"), {"transform": "rotate(-90 10 " + px(y) + ")"})


def place(shock: float, move: float, most: int) -> tuple[float, float]:
    """Where a shock and a move [%] are in the SVG [px]."""
    x = LEFT + (1 + shock / MOST) / 2 * (WIDTH - LEFT - RIGHT)
    return x, TOP + (1 - max(-1, min(move / most, 1))) / 2 * (HEIGHT - TOP - BOTTOM)


def shape(
    svg: Element, tag: str, name: str, points: Iterable[tuple[float, float]], most: int
) -> None:
    """A line or an area through points [%]."""
    places = [place(x, y, most) for x, y in points if not math.isnan(y)]
    words = " ".join([px(x) + "," + px(y) for x, y in places])
    add(svg, tag, {"class": name, "points": words})


def write(svg: Element, x: float, y: float, words: str, how: dict[str, str] | None = None) -> None:
    """Words at a place [px], in the middle of it."""
    add(svg, "text", {"x": px(x), "y": px(y)}, how).textContent = words


def add(
    svg: Element, tag: str, attributes: dict[str, str], more: dict[str, str] | None = None
) -> Element:
    """A new element of the SVG."""
    made = document.createElementNS(SVG, tag)
    for some in (attributes, more or {}):
        for name, words in some.items():
            made.setAttribute(name, words)
    svg.append(made)
    return made


def px(length: float) -> str:
    """A tenth of a pixel is enough."""
    return f"{length:.1f}"


def signed(percent: int) -> str:
    """`+10`, `−10`, `0`."""
    return ("+" if percent > 0 else "−" if percent < 0 else "") + str(abs(percent))
