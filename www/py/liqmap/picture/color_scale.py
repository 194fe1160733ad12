"""From amounts to colours: where on the colour bar each lies, and the bar's legend.

A scale is calibrated on the cells of a picture: the same part of them is lit whatever the market,
and the rest is ground. A position on the colour bar is a percentile of the lit mass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array
from liqmap.estimate.density import Matrix
from liqmap.picture.palettes import LIT_STEP, css, table
from liqmap.view import View
from liqmap.words import usd

LIT = {"linear": 0.15, "log": 0.3, "rank": 0.3}
"""The part of a picture's cells above the black point, by kind of scale."""
SATURATED = 0.015
"""The part of the lit cells that has the last colour."""
GLOW = (0.1, 0.15)
"""Colours too faint to be lit begin this part of the scale before the black point, but at most
this part of the black point."""
_LEAST = 1e-3
"""A logarithmic scale begins no lower than this part of its end."""
_STEADY_RATE = 0.08
"""A scale is kept while its ends and middle are this near to those that the amounts ask for, as a
part of its length, so that history does not flicker."""
_PERCENT = np.linspace(0, 100, 101)
_TICKS = (0, 25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Scale:
    """Which amount lies at each percent of the colour bar.

    `percentiles_quote`, shape (101,), are percentiles of the lit mass [quote a cell]: between the
    first and the p-th lie p % of all that is in lit cells. Less than the first, the black point, is
    ground; from the last on, where colours saturate, all has the last colour.
    """

    kind: str
    percentiles_quote: Array
    about: str = ""
    """Names the amounts it was made for; the next picture of the same may keep it."""

    @classmethod
    def of(cls, amounts: Matrix, kind: str, about: str = "") -> Scale:
        """The scale that lights the largest of these amounts; NaN are no cells."""
        cells = np.abs(amounts[~np.isnan(amounts)])
        if not cells.any():
            return cls(kind, _PERCENT / 100, about)
        lit = LIT[kind]
        black, saturated = np.quantile(cells, (1 - lit, 1 - lit * SATURATED))
        if saturated <= black:  # so few cells hold anything, or all hold the same
            black, saturated = 0.0, cells.max()
        lit_quote = np.sort(np.minimum(cells[cells > black], saturated)).astype(np.float64)
        mass = np.concatenate([[0.0], np.cumsum(lit_quote)])
        ends = np.concatenate([[black], lit_quote])
        return cls(kind, np.interp(_PERCENT, 100 * mass / mass[-1], ends), about)

    def steadied(self, before: Scale | None) -> Scale:
        """The scale of the picture before, if it was of the same and is still near this one."""
        if before is None or before.about != self.about:
            return self
        ends, old = self.percentiles_quote[[0, 50, 100]], before.percentiles_quote[[0, 50, 100]]
        near = np.abs(ends - old) <= _STEADY_RATE * (old[-1] - old[0])
        return before if near.all() else self

    def resized(self, ratio: float) -> Scale:
        """The same colours for cells of `ratio` times the price: colours mean USD a price."""
        return replace(self, percentiles_quote=self.percentiles_quote * ratio)

    def amounts_quote(self, floor: int, ceiling: int) -> Array:
        """The least amount of each colour but the first, between two percents; shape (255,).

        The darkest colours are below the lower percent: the edge of what is lit is soft.
        """
        low, high = self.percentiles_quote[[floor, ceiling]]
        if self.kind == "log":
            low = max(low, _LEAST * high)
        glow = min(GLOW[0] * (high - low), GLOW[1] * low)
        faint = np.linspace(low - glow, low, LIT_STEP - 1, endpoint=False)
        at = np.linspace(0, 1, 256 - LIT_STEP)
        clear: Array = low + (high - low) * at
        if self.kind == "log":
            clear = low * (high / low) ** at
        elif self.kind == "rank":
            percent = floor + (ceiling - floor) * at
            clear = np.interp(percent, _PERCENT, self.percentiles_quote)
        return np.concatenate([faint, clear])


@dataclass(frozen=True, eq=False, slots=True)
class ColorBar:
    """The legend. Position p of the bar, 0 to 1, is the 100 p-th percentile of the lit mass.

    The view's `floor` and `ceiling` are such percents. All amounts are of one cell: USD per as
    much of the price as the picture's sentence says.
    """

    palette: str
    """256 colours from position 0 to 1, with commas between them; transparent below the floor."""
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    low_quote: float
    """The amount at the view's floor: less is ground …"""
    high_quote: float
    """… and at its ceiling: more has the last colour."""
    percentiles_quote: Array
    """The amount at each percent of the bar, 101 of them, never falling."""
    on_paper: NDArray[np.uint32]
    """The image's 256 colours, then the same on light ground, as they are printed."""


def colored(amounts: Matrix, scale: Scale, view: View, *, light: bool) -> NDArray[np.uint32]:
    """RGBA of each amount; nothing below the floor, in gaps, or where nothing waits."""
    colors = _packed(table(view.palette, light=light))
    shown: NDArray[np.uint32] = colors[_steps(amounts, scale, view)]
    return shown


def legend(scale: Scale, view: View, *, light: bool) -> ColorBar:
    """The colour bar: from the black point to where colours saturate."""
    along = np.interp(np.linspace(0, 100, 256), _PERCENT, scale.percentiles_quote)
    steps = _steps(along, scale, view)
    ticks = tuple(percent / 100 for percent in _TICKS)
    labels = tuple(usd(float(scale.percentiles_quote[percent])) for percent in _TICKS)
    colors = css(table(view.palette, light=light)[steps])
    return _bar(scale, view, colors, ticks, labels, _on_paper(view.palette, light=light))


def colored_difference(
    amounts: Matrix, scale: Scale, view: View, *, light: bool
) -> NDArray[np.uint32]:
    """RGBA of amounts of either sign: one colour for more, one for less, none for little."""
    steps = _halved(_steps(np.abs(amounts), scale, view))
    colors = _packed(table("difference", light=light))
    shown: NDArray[np.uint32] = colors[np.where(amounts < 0, 128 - steps, 128 + steps)]
    return shown


def legend_difference(scale: Scale, view: View, *, light: bool) -> ColorBar:
    """The colour bar of a difference: less below, more above, nothing in the middle."""
    at = np.linspace(-100, 100, 256)
    along = np.interp(np.abs(at), _PERCENT, scale.percentiles_quote)
    steps = _halved(_steps(along, scale, view))
    colors = table("difference", light=light)[np.where(at < 0, 128 - steps, 128 + steps)]
    outward = [(p / 100, usd(float(scale.percentiles_quote[p]))) for p in _TICKS[2:]]
    below = [(0.5 - 0.5 * place, f"−{label}") for place, label in outward[::-1]]
    above = [(0.5 + 0.5 * place, f"+{label}") for place, label in outward]
    places, words = zip(*below, (0.5, "0"), *above, strict=True)
    return _bar(scale, view, css(colors), places, words, _on_paper("difference", light=light))


def _bar(
    scale: Scale,
    view: View,
    palette: list[str],
    ticks: tuple[float, ...],
    labels: tuple[str, ...],
    on_paper: NDArray[np.uint32],
) -> ColorBar:
    percentiles = scale.percentiles_quote
    low, high = percentiles[[view.floor, view.ceiling]].tolist()
    return ColorBar(",".join(palette), ticks, labels, low, high, percentiles, on_paper)


def _on_paper(palette: str, *, light: bool) -> NDArray[np.uint32]:
    """A palette on its ground, then on a light one."""
    return np.concatenate([_packed(table(palette, light=one)) for one in (light, True)])


def _steps(amounts: Matrix | Array, scale: Scale, view: View) -> NDArray[np.uint8]:
    """Step of 256 of each amount between the visitor's floor and ceiling; 0 where there is none."""
    least = scale.amounts_quote(view.floor, view.ceiling).astype(amounts.dtype)
    steps = np.zeros(amounts.shape, np.uint8)
    some = (amounts > 0) & (amounts >= least[0])  # few cells are: a search costs most of the time
    steps[some] = np.searchsorted(least, amounts[some], side="right")
    return steps


def _halved(steps: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Steps of 128, of which each side of a difference has as many."""
    half: NDArray[np.int16] = np.minimum((steps.astype(np.int16) + 1) >> 1, 127)
    return half


def _packed(colors: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """RGBA of each step as one number."""
    packed: NDArray[np.uint32] = np.ascontiguousarray(colors).view(np.uint32).ravel()
    return packed
