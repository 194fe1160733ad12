"""From amounts to colours: where each lies on the colour bar, and the bar's legend."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array
from liqmap.estimate.density import Matrix
from liqmap.picture.palettes import css, table
from liqmap.view import View
from liqmap.words import usd, usd_round

_BRIGHTEST = 0.998
"""The quantile of the filled cells that takes the last colour, so that one outlier does not dim
the rest."""
_DIMMEST = 3
"""Of the places below, the one whose amount a logarithmic scale begins with …"""
_LEAST, _MOST = 1e-4, 0.1
"""… within these parts of the brightest."""
_DUST = 1e-7
"""Less than this fraction of the largest amount is a rounding error of sums."""
_SAMPLE = 60_000
_STEADY_RATE = 0.08
"""A scale is kept while the amounts ask for one this near, so that history does not flicker."""
_PLACES = np.linspace(0, 1, 65)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where on the colour bar an amount lies, 0 to 1."""

    kind: str
    high: float
    quantiles: Array
    about: str = ""
    """Names the amounts it was made for; the next picture of the same may keep it."""

    @classmethod
    def of(cls, amounts: Matrix, kind: str, about: str = "") -> Scale:
        """The scale that shows the size of these amounts well."""
        filled = np.abs(amounts.ravel()[:: max(1, amounts.size // _SAMPLE)])
        filled = filled[filled > _DUST * filled.max(initial=0.0)]
        if not filled.size:
            return cls(kind, 1.0, _PLACES, about)
        quantiles = np.quantile(filled.astype(np.float64), _PLACES)
        return cls(kind, float(np.quantile(filled, _BRIGHTEST)), quantiles, about)

    def steadied(self, before: Scale | None) -> Scale:
        """The scale of the picture before, if it was of the same and is still near this one."""
        if before is None or before.about != self.about:
            return self
        return self if abs(self.high / before.high - 1) > _STEADY_RATE else before

    def position(self, amounts: Matrix) -> Matrix:
        """0 to 1 (above: brighter than the brightest), float32."""
        if self.kind == "rank":
            return np.interp(amounts, self.quantiles, _PLACES).astype(np.float32)
        share = amounts / np.float32(self.high)
        if self.kind == "linear":
            return share
        dimmest = self._dimmest / self.high
        lifted = np.maximum(share, np.float32(dimmest))
        logs: Matrix = 1 - np.log(lifted) / np.float32(math.log(dimmest))
        return logs

    @property
    def _dimmest(self) -> float:
        """The amount at the lower end of a logarithmic scale."""
        return float(np.clip(self.quantiles[_DIMMEST], _LEAST * self.high, _MOST * self.high))

    def ticks(self) -> tuple[list[float], list[str]]:
        """Positions and labels for the colour bar."""
        if self.kind == "rank":
            at = [0.0, 0.25, 0.5, 0.75, 1.0]
            return at, [usd(float(self.quantiles[round(64 * place)])) for place in at]
        if self.kind == "log":
            low = math.log10(self._dimmest)
            decades = 10.0 ** np.arange(math.floor(low), math.ceil(math.log10(self.high)))
            round_ = np.outer(decades, (1, 2, 5)).ravel()
            round_ = round_[(round_ >= self._dimmest) & (round_ <= self.high)]
            places = self.position(round_.astype(np.float32))
            return places.tolist(), [usd_round(float(one)) for one in round_]
        step = 10.0 ** math.floor(math.log10(self.high))
        step *= next(part for part in (0.1, 0.2, 0.5, 1, 2) if self.high <= 6 * part * step)
        amounts = np.arange(0, self.high * (1 + 1e-9), step)
        return [float(one / self.high) for one in amounts], [
            usd_round(float(one)) for one in amounts
        ]


@dataclass(frozen=True, slots=True)
class ColorBar:
    """The legend: 256 colours from few to many, where the ticks lie (0 to 1), and their labels."""

    palette: tuple[str, ...]
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


def colored(amounts: Matrix, scale: Scale, view: View) -> NDArray[np.uint32]:
    """RGBA of each amount; nothing below the floor, in gaps, or where nothing waits."""
    steps = _steps(scale.position(amounts), view)
    colors = table(view.palette).view(np.uint32).ravel().copy()
    colors[0] = 0
    shown: NDArray[np.uint32] = colors[steps]
    return shown


def legend(scale: Scale, view: View) -> ColorBar:
    """The colour bar: 256 colours from nothing to the brightest, ticks and labels."""
    at = np.linspace(0, 1, 256, dtype=np.float32)
    colors = table(view.palette)[_steps(at, view)]
    colors[at < view.floor / 100, 3] = 0
    ticks, labels = scale.ticks()
    return ColorBar(tuple(css(colors)), tuple(ticks), tuple(labels))


def colored_difference(amounts: Matrix, scale: Scale, view: View) -> NDArray[np.uint32]:
    """RGBA of amounts of either sign: one colour for more, one for less, none for zero."""
    steps = _steps(scale.position(np.abs(amounts)), view) >> 1  # 0 … 127
    colors = table("difference").view(np.uint32).ravel().copy()
    colors[128] = 0
    shown: NDArray[np.uint32] = colors[np.where(amounts < 0, 128 - steps, 128 + steps)]
    return shown


def legend_difference(scale: Scale, view: View) -> ColorBar:
    """The colour bar of a difference: less below, more above, nothing in the middle."""
    at = np.linspace(-1, 1, 256, dtype=np.float32)
    steps = _steps(np.abs(at), view).astype(int) >> 1
    colors = table("difference")[np.where(at < 0, 128 - steps, 128 + steps)]
    colors[np.abs(at) < view.floor / 100, 3] = 0
    ticks, labels = scale.ticks()
    outward = list(zip(ticks, labels, strict=True))[1:]
    below = [(0.5 - 0.5 * place, f"−{label}") for place, label in outward[::-1]]
    above = [(0.5 + 0.5 * place, f"+{label}") for place, label in outward]
    places, words = zip(*below, (0.5, "0"), *above, strict=True)
    return ColorBar(tuple(css(colors)), places, words)


def _steps(position: Matrix, view: View) -> NDArray[np.uint8]:
    """Step of 256 of each position between the visitor's floor and ceiling."""
    low, high = view.floor / 100, view.ceiling / 100
    steps = (position - np.float32(low)) * np.float32(255 / (high - low))
    steps[~(steps > 0)] = 0
    np.minimum(steps, 255, out=steps)
    return steps.astype(np.uint8)
