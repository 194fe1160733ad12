"""Everything a visitor can set, and its one codec: the query string of a link.

`View.from_query(view.to_query()) == view`; defaults are left out, so equal views give
equal links; a bad value gives a sentence and the default, never a blank page. No value
needs percent-escaping.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from liqmap.data import symbols
from liqmap.errors import InputError

HOUR_MS = 3_600_000
STEP_MS = 300_000
"""Length of the bars that a view is made of."""
RANGES_MS = {
    "12h": 12 * HOUR_MS,
    "24h": 24 * HOUR_MS,
    "3d": 72 * HOUR_MS,
    "7d": 168 * HOUR_MS,
    "30d": 720 * HOUR_MS,
}
VENUES = (
    "auto",
    "all",
    "bybit",
    "hyperliquid",
    "binance",
    "bitget",
    "okx",
    "deribit",
    "lighter",
    "dydx",
    "aster",
    "kraken",
    "demo",
)
MODELS = ("balance", "turnover", "survivor")
READINGS = ("exposure", "expected")
TIERS = (3, 5, 10, 20, 30, 50, 100)
SCALES = ("linear", "log", "rank")
PALETTES = ("classic", "inferno", "viridis", "cividis")
POSITION_SIDES = ("both", "long", "short")
THEMES = ("dark", "light", "auto")

_LONGEST_QUERY = 2_000


@dataclass(frozen=True, slots=True)
class OneOf:
    """Takes one of these words."""

    allowed: tuple[str, ...]

    def __call__(self, text: str) -> str:
        """The word; raises `InputError` for another one."""
        if text not in self.allowed:
            raise InputError(f"expected one of {', '.join(self.allowed)}")
        return text


def _tiers(text: str) -> tuple[int, ...]:
    """Leverages joined by `-`; all of them and none of them mean the same."""
    words = [word for word in text.split("-") if word]
    if any(not word.isascii() or not word.isdigit() or int(word) not in TIERS for word in words):
        raise InputError(f"expected leverages out of {'-'.join(map(str, TIERS))}")
    chosen = tuple(tier for tier in TIERS if str(tier) in words)
    return () if chosen == TIERS else chosen


def _price(text: str) -> float | None:
    """A price above zero, or nothing."""
    if not text:
        return None
    try:
        price = float(text)
    except ValueError:
        raise InputError("expected a price") from None
    if not (math.isfinite(price) and price > 0):
        raise InputError("expected a price above zero")
    return price


def _percent(text: str) -> int:
    """A whole number from 0 to 100."""
    if not (text.isascii() and text.isdigit() and int(text) <= 100):
        raise InputError("expected a whole number from 0 to 100")
    return int(text)


def _write(value: Any) -> str:
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    return (
        repr(value).removesuffix(".0").replace("+", "") if isinstance(value, float) else str(value)
    )


def _setting(default: Any, read: Callable[[str], Any]) -> Any:
    return field(default=default, metadata={"read": read})


@dataclass(frozen=True, slots=True)
class View:
    """One picture, as a visitor asked for it; each field is its query-string key."""

    venue: str = _setting("auto", OneOf(VENUES))
    """The exchange; `auto`: the first that can be read, `all`: their sum, `demo`: simulated."""
    symbol: str = _setting("BTC-USDT-PERP", symbols.canonical_name)
    """The contract: base, quote, type; a coin alone (`eth`) is its USDT perpetual."""
    range: str = _setting("24h", OneOf(tuple(RANGES_MS)))
    """Length of the time axis."""
    model: str = _setting("balance", OneOf(MODELS))
    """The estimator."""
    versus: str = _setting("none", OneOf(("none", *MODELS)))
    """A model to subtract: the picture is the difference."""
    reading: str = _setting("exposure", OneOf(READINGS))
    """What is open, or what would really be liquidated."""
    tiers: tuple[int, ...] = _setting((), _tiers)
    """Leverages to show."""
    positions: str = _setting("both", OneOf(POSITION_SIDES))
    """Which side to show."""
    low: float | None = _setting(None, _price)
    """Lower end of the price axis [quote/base]; nothing leaves it to the data."""
    high: float | None = _setting(None, _price)
    """Upper end of the price axis [quote/base]; nothing leaves it to the data."""
    scale: str = _setting("linear", OneOf(SCALES))
    """How amounts become colours."""
    floor: int = _setting(0, _percent)
    """Lower end of the colour scale [percent]."""
    ceiling: int = _setting(100, _percent)
    """Upper end of the colour scale [percent]."""
    palette: str = _setting("classic", OneOf(PALETTES))
    """The colours."""
    theme: str = _setting("dark", OneOf(THEMES))
    """Colours of the page; `auto` follows the system."""
    accounts: str = _setting("off", OneOf(("off", "on")))
    """Real positions of known Hyperliquid accounts as a layer."""

    @classmethod
    def read(cls, query: str) -> tuple[View, tuple[str, ...]]:
        """The view a query string asks for, and a sentence for each thing wrong with it."""
        if len(query) > _LONGEST_QUERY:
            return cls(), ("The link is too long to be one of ours; showing the default view.",)
        given: dict[str, list[str]] = {}
        for key, text in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
            given.setdefault(key, []).append(text)
        notices = []
        values: dict[str, Any] = {}
        for setting in fields(cls):
            texts = given.pop(setting.name, None)
            if texts is None:
                continue
            text = "-".join(texts) if setting.name == "tiers" else texts[-1]
            try:
                values[setting.name] = setting.metadata["read"](text)
            except InputError as error:
                default = _write(setting.default) if setting.default not in (None, ()) else "all"
                notices.append(
                    f"The link says {setting.name}={text[:40]}: {error.sentence}; using {default}."
                )
        notices += [f"The link has {key[:40]}, which is not a setting; ignored." for key in given]
        view = cls(**values)
        if view.low is not None and view.high is not None and view.low >= view.high:
            notices.append(
                f"The link's price range {_write(view.low)} to {_write(view.high)} is empty; "
                "using all prices."
            )
            view = replace(view, low=None, high=None)
        if view.floor >= view.ceiling:
            notices.append("The link's colour range is empty; using all colours.")
            view = replace(view, floor=0, ceiling=100)
        return view, tuple(notices)

    @classmethod
    def from_query(cls, query: str) -> View:
        """The view a query string asks for; what is wrong with it is set to its default."""
        return cls.read(query)[0]

    @staticmethod
    def with_symbol(query: str, symbol: str) -> str:
        """The same query string with another symbol."""
        given = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        kept = [(key, text) for key, text in given if key != "symbol"]
        return urlencode([*kept, ("symbol", symbol)])

    def to_query(self) -> str:
        """The shortest query string of this view, without a question mark."""
        return "&".join(
            f"{setting.name}={_write(getattr(self, setting.name))}"
            for setting in fields(self)
            if getattr(self, setting.name) != setting.default
        )

    def controls(self) -> dict[str, str]:
        """What each control of the page shows, by its name."""
        shown = {setting.name: getattr(self, setting.name) for setting in fields(self)}
        return {
            name: "" if value is None else _write(value if name != "tiers" else value or TIERS)
            for name, value in shown.items()
        }

    def after(self, previous: View | None) -> View:
        """This view, freed of what only made sense for the previous one's market."""
        same_market = previous is None or (self.venue, self.symbol) == (
            previous.venue,
            previous.symbol,
        )
        if same_market or (self.low, self.high) != (previous.low, previous.high):  # type: ignore[union-attr]
            return self
        return replace(self, low=None, high=None)

    @property
    def window_ms(self) -> int:
        """Length of the visible window [ms]."""
        return RANGES_MS[self.range]
