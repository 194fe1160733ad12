"""The work of a batch: a month of a contract estimated, scored and summed up, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from liqmap.analysis.clusters import largest_clusters
from liqmap.batch.inputs import Window, month_ms
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.api import MODELS, estimate
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.density import Density
from liqmap.evaluate.bootstrap import DAY_MS, HOUR_MS
from liqmap.evaluate.scorecard import Scorecard, scorecard
from liqmap.files.liquidations import read_liquidations
from liqmap.files.markets import read_market

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a batch estimates.

    Parameters
    ----------
    model : str
        One of `liqmap.estimate.api.MODELS`.
    price_bins : int
        Rows of the density.
    warm_up_days : float
        Of the month before, so many days fill the book bar by bar, and what is older by the hour.
    assumptions : Assumptions
        What no venue publishes.

    Raises
    ------
    InputError
        There is no such model.
    """

    model: str = "balance"
    price_bins: int = 800
    warm_up_days: float = 7.0
    assumptions: Assumptions = field(default_factory=Assumptions)

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise InputError(f"model: expected one of {', '.join(MODELS)}, was {self.model!r}.")


@dataclass(frozen=True, slots=True)
class Summary:
    """A month of a contract in numbers; NaN is what is not known.

    Attributes
    ----------
    venue, symbol, month, model : str
    start_ms, end_ms : float
        Opening of the first bar, end of the last, UTC.
    step_ms : float
        Length of a bar.
    bars, warm_up_bars : float
        Of the month, and before it.
    close_price : float
        The last [quote/base].
    open_interest_quote : float
        The last, one side [quote].
    waiting_long_quote, waiting_short_quote : float
        What is in the density's last column [quote].
    swept_long_quote, swept_short_quote : float
        Exposure that the price passed [quote].
    liquidated_long_quote, liquidated_short_quote : float
        What was really liquidated [quote]; NaN where there is no file of liquidations.
    rank_long, rank_short : float
        Rank correlation of swept exposure with liquidations, hour by hour; NaN where too few
        were seen.
    lift_long, lift_long_low, lift_long_high, lift_short, lift_short_low, lift_short_high : float
        That less the best baseline's, and its 90 % interval.
    verdict : str
        `liqmap.evaluate.scorecard` in a few words; empty without a file of liquidations.
    long_cluster_price, long_cluster_quote, short_cluster_price, short_cluster_quote : float
        The largest cluster of each side in the last column.
    """

    venue: str
    symbol: str
    month: str
    model: str
    start_ms: float
    end_ms: float
    step_ms: float
    bars: float
    warm_up_bars: float
    close_price: float
    open_interest_quote: float
    waiting_long_quote: float
    waiting_short_quote: float
    swept_long_quote: float
    swept_short_quote: float
    liquidated_long_quote: float
    liquidated_short_quote: float
    rank_long: float
    rank_short: float
    lift_long: float
    lift_long_low: float
    lift_long_high: float
    lift_short: float
    lift_short_low: float
    lift_short_high: float
    verdict: str
    long_cluster_price: float
    long_cluster_quote: float
    short_cluster_price: float
    short_cluster_quote: float


def summarised(window: Window, settings: Settings) -> Summary:
    """A month in numbers: the same files and settings give the same numbers, wherever it runs.

    The density has a column an hour, so a month of five-minute or one-minute bars takes the same
    little memory.

    Raises
    ------
    InputError
        A file cannot be read, or holds something else than its place says.
    """
    market, bars, samples, mark = _loaded(window, settings)
    first_ms, end_ms = float(market.candles.time_ms[0]), float(market.candles.end_ms[-1])
    density = estimate(
        bars,
        samples,
        model=settings.model,
        price_bins=settings.price_bins,
        maintenance=market.maintenance,
        kind=market.instrument.kind,
        mark=mark,
        every=max(1, round(HOUR_MS / bars.step_ms)),
        first_ms=first_ms,
        assumptions=settings.assumptions,
    )
    known = _liquidations(window, first_ms, end_ms)
    card = None
    if known is not None:
        card = scorecard(
            bars, samples, density, known, start_ms=first_ms, end_ms=end_ms, name=settings.model
        )
    close = float(market.candles.close[-1])
    return Summary(
        venue=window.venue,
        symbol=window.symbol,
        month=window.month,
        model=settings.model,
        start_ms=first_ms,
        end_ms=end_ms,
        step_ms=bars.step_ms,
        bars=float(len(market.candles)),
        warm_up_bars=float(len(bars) - len(market.candles)),
        close_price=close,
        open_interest_quote=float(samples.open_interest_base[-1]) * close,
        waiting_long_quote=float(density.prices @ density.long_base[:, -1]),
        waiting_short_quote=float(density.prices @ density.short_base[:, -1]),
        swept_long_quote=float(density.swept_long_quote.sum()),
        swept_short_quote=float(density.swept_short_quote.sum()),
        **_liquidated(known),
        **_scores(card),
        verdict="" if card is None else card.verdict,
        **_clusters(density, close),
    )


def _loaded(
    window: Window, settings: Settings
) -> tuple[Market, Candles, OpenInterest, Candles | None]:
    """The month's market; all bars, samples and mark prices, those before the month first."""
    market = _market(window, window.market)
    begin_ms, end_ms = month_ms(window.month)
    opens_ms = market.candles.time_ms
    if opens_ms[0] < begin_ms or opens_ms[-1] >= end_ms:
        raise InputError(f"{window.market} holds bars of another time than {window.month}.")
    samples, mark = market.open_interest, market.mark
    if not window.before:
        return market, market.history, samples, mark
    older = _market(window, window.before)
    fine_ms = begin_ms - settings.warm_up_days * DAY_MS
    fine = older.candles.time_ms >= fine_ms
    bars = Candles.joined(older.candles.rows(fine), market.candles)
    coarse = older.history.rows(older.history.time_ms < fine_ms)
    if coarse:
        bars = Candles.joined(coarse.gathered(HOUR_MS), bars)
    if older.mark is not None and mark is not None:
        mark = Candles.joined(older.mark, mark)
    return market, bars, OpenInterest.joined(older.open_interest, samples), mark


def _market(window: Window, path: str) -> Market:
    return read_market(path, venue=window.venue, symbol=window.symbol)


def _liquidations(window: Window, first_ms: float, end_ms: float) -> Liquidations | None:
    """Those of the time of the bars; None without a file."""
    if not window.liquidations:
        return None
    tapes = read_liquidations(window.liquidations)
    whose = (window.venue, window.symbol)
    if set(tapes) - {whose}:
        raise InputError(f"{window.liquidations} holds liquidations of another contract.")
    tape = tapes.get(whose, Liquidations.joined([]))
    return tape.rows((tape.time_ms >= first_ms) & (tape.time_ms < end_ms))


def _liquidated(known: Liquidations | None) -> dict[str, float]:
    if known is None:
        return {"liquidated_long_quote": NAN, "liquidated_short_quote": NAN}
    quote, longs = known.quantity_quote, known.position_side > 0
    return {
        "liquidated_long_quote": float(quote[longs].sum()),
        "liquidated_short_quote": float(quote[~longs].sum()),
    }


def _scores(card: Scorecard | None) -> dict[str, float]:
    found: dict[str, float] = {}
    for side in ("long", "short"):
        rank = lift = (NAN, NAN, NAN)
        if card is not None and card.lift is not None:
            rank, lift = getattr(card.rows[0], side), getattr(card.lift, side)
        found[f"rank_{side}"] = rank[0]
        names = (f"lift_{side}", f"lift_{side}_low", f"lift_{side}_high")
        found |= dict(zip(names, lift, strict=True))
    return found


def _clusters(density: Density, close: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for side in ("long", "short"):
        largest = largest_clusters(density, close, 1, side)
        found[f"{side}_cluster_price"] = largest[0].price if largest else NAN
        found[f"{side}_cluster_quote"] = largest[0].amount_quote if largest else 0.0
    return found
