"""The curve of a cascade, as an SVG: which shock ends where."""

import math

from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST, FARTHEST = 20, 30
"""The largest shock, and the largest final move that is drawn [%]."""
EVERY = 10
"""Between two lines of the grid [%]."""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 230, 38, 8, 8, 34  # px
MIDDLE = 'text-anchor="middle"'


def drawn(
    shocks: Sequence[float],
    final: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    here: tuple[float, float],
) -> str:
    """An SVG of final move by shock, both as fractions of the price; what is NaN is left out.

    `low` and `high` are P10 and P90; `here` is the shock that is played, and where it ends.
    """
    ends = [100 * abs(one) for part in (final, low, high) for one in part if not math.isnan(one)]
    ends.append(MOST)
    most = min(EVERY * math.ceil(max(ends) / EVERY - 1e-9), FARTHEST)
    parts = axes(most)
    parts.append(shape("polyline", "even", [(-MOST, -MOST), (MOST, MOST)], most))
    for sign in (-1, 1):
        own = [row for row, shock in enumerate(shocks) if shock * sign > 0]
        out = [(100 * shocks[row], 100 * low[row]) for row in own]
        back = [(100 * shocks[row], 100 * high[row]) for row in reversed(own)]
        parts.append(shape("polygon", "band", out + back, most))
        middle = [(100 * shocks[row], 100 * final[row]) for row in own]
        parts.append(shape("polyline", "final", middle, most))
    if not math.isnan(here[1]):
        x, y = place(100 * here[0], 100 * here[1], most)
        parts.append(f'<circle r="4" cx="{x:.1f}" cy="{y:.1f}"/>')
    opening = '<svg role="img" aria-labelledby="cascade-caption" viewBox="0 0 {} {}">'
    return opening.format(WIDTH, HEIGHT) + "".join(parts) + "</svg>"


def axes(most: int) -> list[str]:
    """Grid, numbers and names of both axes."""
    parts = []
    for tick in range(-MOST, MOST + 1, EVERY):
        parts.append(shape("polyline", "grid", [(tick, -most), (tick, most)], most))
        parts.append(text(place(tick, 0, most)[0], HEIGHT - BOTTOM + 14, signed(tick), MIDDLE))
    for tick in range(-most, most + 1, EVERY):
        parts.append(shape("polyline", "grid", [(-MOST, tick), (MOST, tick)], most))
        y = place(0, tick, most)[1]
        parts.append(text(LEFT - 5, y + 3, signed(tick), 'text-anchor="end"'))
    x, y = place(0, 0, most)
    parts.append(text(x, HEIGHT - 4, "shock, % of the price", MIDDLE))
    turned = MIDDLE + f' transform="rotate(-90 10 {y:.1f})"'
    parts.append(text(10, y, "final move, %", turned))
    return parts


def place(shock: float, move: float, most: int) -> tuple[float, float]:
    """Where a shock and a move [%] are in the SVG [px]."""
    x = LEFT + (1 + shock / MOST) / 2 * (WIDTH - LEFT - RIGHT)
    return x, TOP + (1 - max(-1, min(move / most, 1))) / 2 * (HEIGHT - TOP - BOTTOM)


def shape(tag: str, name: str, points: Iterable[tuple[float, float]], most: int) -> str:
    """A line or an area through points [%]."""
    places = [place(x, y, most) for x, y in points if not math.isnan(y)]
    words = " ".join([f"{x:.1f},{y:.1f}" for x, y in places])
    return f'<{tag} class="{name}" points="{words}"/>'


def text(x: float, y: float, words: str, how: str) -> str:
    """Words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {how}>{words}</text>'


def signed(percent: int) -> str:
    """`+10`, `−10`, `0`."""
    return ("+" if percent > 0 else "−" if percent < 0 else "") + str(abs(percent))
