"""Everything a visitor can set, what may be chosen, and its one codec: the query string of a link.

Each table below is value → title in the form, in the form's order; the page is built from
them. To offer one more, add a line (a venue: in `venues.registry`, a model: in
`estimate.api`, a palette: in `picture.palettes`).

`View.from_query(view.to_query()) == view`; defaults are left out, so equal views give
equal links; a bad value gives a sentence and the default, never a blank page. No value
needs percent-escaping but a symbol of other letters than Latin ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from liqmap import link
from liqmap.data import symbols
from liqmap.errors import InputError
from liqmap.estimate import leverage
from liqmap.estimate.registry import MODELS as ESTIMATORS
from liqmap.language import mark, say
from liqmap.picture import palettes
from liqmap.venues.registry import TITLES

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
STEP_MS = 300_000
"""Length of the bars that a view is made of, up to `FINE_MS`; longer views have bars of an hour."""
FINE_MS = 30 * DAY_MS
RANGES_MS = {
    "12h": 12 * HOUR_MS,
    "24h": DAY_MS,
    "3d": 3 * DAY_MS,
    "7d": 7 * DAY_MS,
    "30d": 30 * DAY_MS,
    "90d": 90 * DAY_MS,
    "180d": 180 * DAY_MS,
    "1y": 365 * DAY_MS,
}
RANGES = {name: name for name in RANGES_MS}
VENUES = {
    "auto": mark("Automatic"),
    "all": mark("All venues merged"),
    **TITLES,
    "demo": mark("Simulated"),
}
MODELS = {name: model.title for name, model in ESTIMATORS.items()}
VERSUS = {"none": mark("Nothing"), **MODELS}
READINGS = {"exposure": mark("Exposure"), "expected": mark("Expected liquidations, as reported")}
LEVERAGES = {round(one.round if one.low < 2 else one.low): one.name for one in leverage.RANGES}
"""By a leverage that lies in the range."""
SCALES = {"linear": mark("Linear"), "log": mark("Logarithmic"), "rank": mark("Rank")}
PALETTES = {name: palette.title for name, palette in palettes.PALETTES.items()}
POSITION_SIDES = {
    "both": mark("Longs and shorts"),
    "long": mark("Longs only"),
    "short": mark("Shorts only"),
}
BANDS = {"both": mark("All"), "live": mark("Still standing"), "cleared": mark("Reached since")}
THEMES = {"dark": mark("Dark"), "light": mark("Light"), "auto": mark("As the system")}
COMPARISONS = {"difference": mark("As their difference"), "side": mark("Side by side")}
AXES = {"linear": mark("Linear"), "log": mark("Logarithmic"), "percent": mark("Per cent")}
CONTEXTS = {
    "none": mark("Nothing"),
    "oi": mark("Open interest, change"),
    "cvd": mark("Taker buys − sells (CVD)"),
    "funding": mark("Funding rate"),
    "ratio": mark("Long ÷ short accounts"),
}
LANGUAGES = {
    "auto": mark("As the browser"),
    "en": "English",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "es": "Español",
    "tr": "Türkçe",
    "ru": "Русский",
}
CLOCKS = {"utc": mark("UTC"), "local": mark("Of this device")}
SWITCH = {"off": mark("Off"), "on": mark("On")}

FORMER_KEYS = {"tiers": "leverages"}
"""What links of an older release call a setting."""
OF_THE_PAGE = ("embed", "1")
"""What a link says to the page alone: `www/embed.js` hears it."""

_LONGEST_QUERY = 2_000


def venue_and_symbol(typed: str) -> tuple[str, str]:
    """`BINANCE:BTCUSDT.P` is (binance, BTCUSDT.P); no venue where the text names none of ours."""
    venue, colon, symbol = symbols.plain_letters(typed).partition(":")
    return (venue.lower(), symbol) if colon and venue.lower() in TITLES else ("", typed)


def _leverages(text: str) -> tuple[int, ...]:
    """`3-10-50`, each the range that holds it; all, and none, are the default: everything."""
    words = [word for word in text.split("-") if word]
    if not all(word.isascii() and word.isdigit() and int(word) >= 1 for word in words):
        raise InputError(say("expected whole leverages joined by hyphens, as 3-10-50"))
    last = len(LEVERAGES) - 1
    rows = {
        next((row for row, one in enumerate(leverage.RANGES) if int(word) < one.high), last)
        for word in words
    }
    chosen = tuple(one for row, one in enumerate(LEVERAGES) if row in rows)
    return () if len(chosen) == len(LEVERAGES) else chosen


def _setting(
    default: Any,
    read: Callable[[str], Any],
    options: Mapping[str, str] | None = None,
    nothing: str = mark("all"),
) -> Any:
    """A field that `read` makes of a text, one or several of `options` where there are some.

    `nothing` is the word for a default that is none.
    """
    return field(
        default=default, metadata={"read": read, "options": options or {}, "nothing": nothing}
    )


def _choice(default: str, options: Mapping[str, str]) -> Any:
    return _setting(default, link.one_of(options), options)


@dataclass(frozen=True, slots=True)
class View:
    """One picture, as a visitor asked for it; each field is its query-string key."""

    venue: str = _choice("auto", VENUES)
    """The exchange; `auto`: the first that can be read, `all`: their sum, `demo`: simulated."""
    symbol: str = _setting("BTC-USDT-PERP", symbols.canonical_name)
    """The contract: base, quote, type; also as traders type it: `eth`, `BINANCE:ETHUSDT.P`."""
    range: str = _choice("24h", RANGES)
    """Length of the time axis; in bars of an hour where it is longer than 30 days."""
    model: str = _choice("balance", MODELS)
    """The estimator."""
    versus: str = _choice("none", VERSUS)
    """A model to compare with."""
    comparison: str = _choice("difference", COMPARISONS)
    """How two models are compared: one minus the other, or each for itself."""
    reading: str = _choice("exposure", READINGS)
    """Exposure, or expected liquidations: of a venue that reports all, or as all exchanges do."""
    leverages: tuple[int, ...] = _setting(
        (), _leverages, {str(leverage): name for leverage, name in LEVERAGES.items()}
    )
    """Ranges of leverage to show, each by a leverage in it, joined by `-`; none means all."""
    positions: str = _choice("both", POSITION_SIDES)
    """Which side to show."""
    bands: str = _choice("both", BANDS)
    """All levels, only those that the price has not reached since, or only those that it has."""
    asof: str | None = _setting(None, link.instant, nothing=mark("now"))
    """Situation, map and clusters as of this instant, `2026-03-12T14:00` UTC; nothing is now."""
    low: float | None = _setting(None, link.price)
    """Lower end of the price axis [quote/base]; nothing leaves it to the data."""
    high: float | None = _setting(None, link.price)
    """Upper end of the price axis [quote/base]; nothing leaves it to the data."""
    zoom: tuple[float, ...] = _setting((), link.zoom)
    """The part that is seen: begin and end [s, UTC], lowest and highest price, joined by `_`."""
    cluster: str = _setting("", link.cluster, nothing=mark("none"))
    """The cluster that is explained: its side and a price in its band, joined by `_`."""
    axis: str = _choice("linear", AXES)
    """The price axis; `percent` is from the newest price."""
    follow: str = _choice("on", SWITCH)
    """Whether a zoomed picture that shows the newest bar moves on with it."""
    context: str = _choice("none", CONTEXTS)
    """What else the venue tells of the same time, as a strip below the picture."""
    scale: str = _choice("linear", SCALES)
    """How amounts become colours."""
    floor: int = _setting(0, link.percent)
    """Ground up to here [percent of the lit mass]; 0 is the black point that the data give."""
    ceiling: int = _setting(100, link.percent)
    """The last colour from here on [percent of the lit mass]; 100 is where the data put it."""
    palette: str = _choice("classic", PALETTES)
    """The colours."""
    theme: str = _choice("dark", THEMES)
    """Colours of the page; `auto` follows the system."""
    lang: str = _choice("auto", LANGUAGES)
    """The language; `auto` is the browser's first that there is."""
    clock: str = _choice("utc", CLOCKS)
    """The zone of times: UTC, or of the visitor's device."""
    accounts: str = _setting("off", link.one_of(SWITCH))
    """Real positions of known Hyperliquid accounts as a layer."""

    @classmethod
    def read(cls, query: str) -> tuple[View, tuple[str, ...]]:
        """The view a query string asks for, and a sentence for each thing wrong with it."""
        if len(query) > _LONGEST_QUERY:
            return cls(), (
                say("The link is too long to be one of ours; showing the default view."),
            )
        given: dict[str, list[str]] = {}
        for key, text in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
            if (key, text) == OF_THE_PAGE:
                continue
            given.setdefault(FORMER_KEYS.get(key, key), []).append(text)
        venue, symbol = venue_and_symbol(given.get("symbol", [""])[-1])
        if venue:
            given |= {"venue": [venue], "symbol": [symbol]}
        notices = []
        values: dict[str, Any] = {}
        for setting in fields(cls):
            texts = given.pop(setting.name, None)
            if texts is None:
                continue
            text = "-".join(texts) if setting.name == "leverages" else texts[-1]
            try:
                values[setting.name] = setting.metadata["read"](text)
            except InputError as error:
                notices.append(link.not_taken(setting, text, error))
        if given:
            notices.append(link.unknown(*given))
        view = cls(**values)
        if view.venue == "demo":
            view = replace(view, symbol=symbols.SIMULATED)
        elif view.symbol == symbols.SIMULATED:
            view = replace(view, symbol=cls().symbol)
        if view.low is not None and view.high is not None and view.low >= view.high:
            notices.append(
                say(
                    "The link's price range {low} to {high} is empty; using all prices.",
                    low=link.write(view.low),
                    high=link.write(view.high),
                )
            )
            view = replace(view, low=None, high=None)
        if view.floor >= view.ceiling:
            notices.append(say("The link's colour range is empty; using all colours."))
            view = replace(view, floor=0, ceiling=100)
        return view, tuple(notices)

    @classmethod
    def from_query(cls, query: str) -> View:
        """The view a query string asks for; what is wrong with it is set to its default.

        Examples
        --------
        >>> view = View.from_query("symbol=eth&range=7d&leverages=60&scale=loud")
        >>> view.symbol, view.range, view.leverages, view.scale
        ('ETH-USDT-PERP', '7d', (50,), 'linear')
        >>> view.to_query()
        'symbol=ETH-USDT-PERP&range=7d&leverages=50'
        """
        return cls.read(query)[0]

    @staticmethod
    def with_symbol(query: str, symbol: str) -> str:
        """The same query string with another symbol, which may name a venue, too.

        A coin's contract is not simulated: from the simulation it leads to the exchanges. It is
        seen as a whole, without a cluster of the one before.
        """
        given = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        kept = [
            pair
            for pair in given
            if pair[0] not in ("symbol", "zoom", "cluster") and pair != ("venue", "demo")
        ]
        return urlencode([*kept, ("symbol", symbol)], errors="replace")

    def to_query(self) -> str:
        """The shortest query string of this view, without a question mark."""
        return "&".join(
            f"{setting.name}={quote(link.write(getattr(self, setting.name)), safe=':')}"
            for setting in fields(self)
            if getattr(self, setting.name) != setting.default
        )

    def controls(self) -> dict[str, str]:
        """What each control of the page shows, by its name."""
        shown = {setting.name: getattr(self, setting.name) for setting in fields(self)}
        shown["leverages"] = self.leverages or tuple(LEVERAGES)
        return {name: "" if value is None else link.write(value) for name, value in shown.items()}

    def after(self, previous: View | None) -> View:
        """This view, freed of what only made sense for the previous one's market."""
        if previous is None or (self.venue, self.symbol) == (previous.venue, previous.symbol):
            return self
        if (self.low, self.high) != (previous.low, previous.high):
            return self
        return replace(self, low=None, high=None)

    @property
    def asof_ms(self) -> float | None:
        """The instant of `asof` [ms]."""
        if self.asof is None:
            return None
        return 1000 * datetime.fromisoformat(self.asof).replace(tzinfo=UTC).timestamp()

    @property
    def window_ms(self) -> int:
        """Length of the visible window [ms]."""
        return RANGES_MS[self.range]

    @property
    def step_ms(self) -> int:
        """Length of its bars [ms]."""
        return STEP_MS if self.window_ms <= FINE_MS else HOUR_MS
