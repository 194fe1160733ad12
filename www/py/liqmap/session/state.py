"""What a page knows at one moment: the session replaces it as a whole, panels read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from liqmap.analysis.alerts import Rule
from liqmap.analysis.cascade import Impact
from liqmap.analysis.clusters import Cluster
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, Market
from liqmap.data.order_book import OrderBook
from liqmap.data.samples import Samples
from liqmap.data.series import Array
from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import Members
from liqmap.evaluate.realised_share import Shares, expected
from liqmap.evaluate.scorecard import Scorecard
from liqmap.feed.accounts import AccountsFound
from liqmap.feed.tape import Span
from liqmap.language import say
from liqmap.picture.heatmap import decimals_of
from liqmap.picture.viewport import Frame, Screen, Window
from liqmap.venues.registry import ADAPTERS
from liqmap.view import HOUR_MS, View
from liqmap.words import instant, number


@dataclass(frozen=True, eq=False, slots=True)
class Loaded:
    """The markets of a view as its venues gave them, by venue; the first leads.

    `failed` and `late` are sentences on venues that could not be read, at first and since, and
    `left_out` on those whose price is another coin's; `complete` says that nothing more is on
    its way.
    """

    view: View
    markets: Mapping[str, Market]
    failed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    complete: bool = False

    @property
    def leader(self) -> Market:
        """The first market."""
        return next(iter(self.markets.values()))

    @property
    def simulated(self) -> bool:
        """Whether the market is simulated."""
        return self.leader.simulated

    @property
    def contract(self) -> tuple[str, str]:
        """Venue and name of the first market's."""
        return self.leader.venue, self.leader.instrument.name

    def covers(self, view: View) -> bool:
        """Whether a view is of the same market in the same bars, and no longer."""
        own = self.view
        same = (own.venue, own.symbol, own.step_ms) == (view.venue, view.symbol, view.step_ms)
        return self.complete and same and own.window_ms >= view.window_ms

    def sentence(self) -> str:
        """`BTC-USDT-PERP from Bybit, bars to 13 Mar 00:00 UTC.`"""
        if self.simulated:
            return say("A simulated market with known positions.")
        at = instant(float(self.leader.candles.end_ms[-1]))
        titles = [ADAPTERS[venue].title for venue in self.markets]
        contract = self.leader.instrument
        name = contract.name if len(titles) == 1 else contract.base_coin
        venues = ", ".join(titles)
        return say("{name} from {venues}, bars to {time}.", name=name, venues=venues, time=at)


@dataclass(frozen=True, eq=False, slots=True)
class Detail:
    """The amounts in a visitor's window of the picture, and those that are subtracted there."""

    amounts: Density
    versus: Density | None


DRAWING = (
    *(
        "zoom",
        "cluster",
        "axis",
        "follow",
        "context",
        "scale",
        "floor",
        "ceiling",
        "palette",
        "theme",
    ),
    "asof",
)
"""Settings of how a picture is drawn, not of what it shows; `asof` has a picture of its own."""


@dataclass(frozen=True, eq=False, slots=True)
class Shown:
    """One picture: its markets, its frame, its densities.

    Attributes
    ----------
    number : int
        Counts pictures, those as of an earlier instant downward; members that arrive later and
        other colours do not change it.
    view : View
    markets : mapping of venue to Market
        The parts of the sum, in units of one coin.
    coin : str
        The unit of quantities; prices are per one of it.
    frame : Frame
    density : Density
        Exposure.
    amounts : Density
        What the picture shows: exposure, or expected liquidations.
    parts : mapping of venue to Density
        The amounts of each venue.
    versus : Density or None
        The amounts that are subtracted.
    shares : Shares or None
        Fractions of the exposure that the amounts are; None: they are exposure.
    notices : tuple of str
    exposed : Members or None
        The last column under other assumptions, as exposure; None: not known yet.
    detail : Detail or None
        Of the window that the visitor has zoomed to; None: all is shown.
    """

    number: int
    view: View
    markets: Mapping[str, Market]
    coin: str
    frame: Frame
    density: Density
    amounts: Density
    parts: Mapping[str, Density]
    versus: Density | None
    shares: Shares | None
    notices: tuple[str, ...]
    exposed: Members | None = None
    detail: Detail | None = None

    @property
    def members(self) -> Members | None:
        """The members in the picture's amounts."""
        return None if self.exposed is None else expected(self.exposed, self.shares)

    def redrawn(self, view: View) -> Shown | None:
        """The same picture as a view draws it; None where the view asks for another one."""
        drawing = {name: getattr(view, name) for name in DRAWING}
        return replace(self, view=view) if replace(self.view, **drawing) == view else None

    def doubted(self, exposed: Members) -> Shown:
        """The same picture with its members."""
        return replace(self, exposed=exposed)

    @property
    def leader(self) -> Market:
        """The market whose candles are drawn."""
        return next(iter(self.markets.values()))

    @property
    def spot_price(self) -> float:
        """The newest close [quote/base]."""
        return float(self.leader.candles.close[-1])

    @property
    def decimals(self) -> int:
        """Of a price in words."""
        return decimals_of(self.leader.instrument.tick_size, self.spot_price)

    def price(self, price: float) -> str:
        """A price [quote/base] in words."""
        return number(price, self.decimals)

    @property
    def first_ms(self) -> float:
        """Where the time axis begins [ms]."""
        return float(self.density.time_edges_ms[0])

    @property
    def end_ms(self) -> float:
        """Where the time axis ends [ms]."""
        return float(self.density.time_edges_ms[-1])

    @property
    def column_ms(self) -> float:
        """Length of a column of the densities [ms]."""
        return self.frame.every * self.leader.candles.step_ms

    @property
    def doubts_about(self) -> tuple[object, ...]:
        """What the members depend on: pictures for which it is equal share them, for an hour."""
        newest = tuple(market.candles.end_ms[-1] // HOUR_MS for market in self.markets.values())
        return (self.frame, self.view.leverages, tuple(self.markets), newest)


@dataclass(frozen=True, eq=False, slots=True)
class Heard:
    """Known liquidations of the contracts on screen, by venue.

    `seen` is in units of the picture, from the first loaded bar on; `watched` are the times that
    were listened to without a gap; `kept` is how many the tape holds, `lasting` whether it will
    outlive the page.
    """

    contracts: Mapping[str, Instrument]
    seen: Mapping[str, Liquidations]
    watched: Mapping[str, tuple[Span, ...]]
    words: tuple[str, ...]
    kept: int
    lasting: bool = True


@dataclass(frozen=True, eq=False, slots=True)
class Lent:
    """Contracts by venue whose lists of liquidations stand in for one that is not kept.

    `about` is venue and name of the contract on screen; none were found where it is empty.
    """

    about: tuple[str, str]
    contracts: Mapping[str, Instrument]


@dataclass(frozen=True, eq=False, slots=True)
class Judgement:
    """The scorecard by what one venue liquidated."""

    about: tuple[object, ...]
    card: Scorecard
    venue: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A shock that the visitor asks about, and what it is played on: the first market alone.

    `density` is exposure of the last column, on an axis of its own, with its `members`; `book` is
    None while it is not known, or for the reason that `trouble` says; read at `read_ms` by the
    visitor's clock.
    """

    shock_rate: float
    impact: Impact
    density: Density
    members: Members | None
    shares: Shares
    book: OrderBook | None
    trouble: str
    read_ms: float


@dataclass(frozen=True, eq=False, slots=True)
class Book:
    """The order book of a venue's contract, or why there is none; read at `read_ms` (our clock)."""

    about: tuple[str, str]
    book: OrderBook | None
    trouble: str
    read_ms: float


@dataclass(frozen=True, eq=False, slots=True)
class Told:
    """A series that the venue tells beside the market, as far as it was read.

    `about` is its name in the view, the contract and the window; `trouble` is why there is nothing
    newer, read or tried at `read_ms` (our clock).
    """

    about: tuple[object, ...]
    samples: Samples | None
    trouble: str
    read_ms: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """The cluster that the visitor wants to know more of, by its side and its price."""

    position_side: int
    price: float


@dataclass(frozen=True, eq=False, slots=True)
class Fullest:
    """The chosen cluster's band when it held most: its exposure by range of leverage, shape (K,).

    `about` is the choice, the end of that column [ms], and what else it depends on.
    """

    about: tuple[object, ...]
    by_leverage_quote: Array


@dataclass(frozen=True, eq=False, slots=True)
class Confluence:
    """The largest clusters of other estimates of the picture's market.

    `about` is the picture's `doubts_about`; `estimates` are by name, `Turnover 3d`.
    """

    about: tuple[object, ...]
    estimates: Mapping[str, tuple[Cluster, ...]]


@dataclass(frozen=True, eq=False, slots=True)
class Listing:
    """The contracts that a venue lists."""

    venue: str
    instruments: tuple[Instrument, ...]


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """Everything that panels may read; None is not known yet.

    `then` is the picture as of the instant of the view; None where that is now.
    """

    view: View = field(default_factory=View)
    screen: Screen = field(default_factory=Screen)
    window: Window | None = None
    desk: str = ""
    """Which panel of the desk is open: those of others need not be computed."""
    cleared_part: float = 0.0
    """Where in the window the visitor asks what was cleared since."""
    listing: Listing | None = None
    loaded: Loaded | None = None
    shown: Shown | None = None
    then: Shown | None = None
    lent: Lent | None = None
    heard: Heard | None = None
    judgement: Judgement | None = None
    accounts: AccountsFound | None = None
    book: Book | None = None
    told: Told | None = None
    typed_position: Mapping[str, str] | None = None
    scenario: Scenario | None = None
    rules: tuple[Rule, ...] = ()
    chosen: Chosen | None = None
    fullest: Fullest | None = None
    confluence: Confluence | None = None
    health: tuple[tuple[str, ...], ...] = ()

    @property
    def standing(self) -> Shown | None:
        """What situation, map and clusters are of: the picture as of an instant, else of now."""
        return self.then or self.shown

    @property
    def numbers(self) -> tuple[int, ...] | None:
        """Those of the pictures of now and of then; None without any."""
        pictures = [one.number for one in (self.shown, self.then) if one is not None]
        return tuple(pictures) or None

    def doubted(self, about: Shown, exposed: Members) -> dict[str, Shown]:
        """The pictures that share the members of one, with these."""
        pictures = {"shown": self.shown, "then": self.then}
        return {
            name: one.doubted(exposed)
            for name, one in pictures.items()
            if one is not None and one.doubts_about == about.doubts_about
        }
