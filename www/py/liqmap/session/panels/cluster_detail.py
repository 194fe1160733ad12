"""Why the chosen cluster is there."""

from __future__ import annotations

from liqmap.analysis.cluster_origin import entry_prices, gone, opened
from liqmap.analysis.clusters import Cluster, band_quote, by_leverage_quote
from liqmap.analysis.confluence import appears, by_chance
from liqmap.analysis.situation import deviation, reach_chance
from liqmap.data.series import Array
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.leverage import mix_of
from liqmap.estimate.registry import MODELS
from liqmap.estimate.setup import setup_of
from liqmap.language import count, say
from liqmap.picture.heatmap import unit_of
from liqmap.session.desk_messages import ClusterDetail, Rows
from liqmap.session.panels.clusters import UNKNOWN, Entry, entries_of, state_of
from liqmap.session.panels.panel import Panel
from liqmap.session.panels.situation import in_daily_ranges, in_percent
from liqmap.session.state import Chosen, Confluence, Shown, State
from liqmap.venues.registry import ADAPTERS
from liqmap.words import clock, number, percent, usd

LEAST_PART = 0.01
"""A range of leverage with less of a band is not listed."""
NONE = ClusterDetail(row=-1, title="", facts=(), leverages=(), venues=())


class ClusterDetailPanel(Panel):
    """The cluster that was chosen, with every picture; again when more is known of it."""

    def about(self, state: State) -> object:
        if state.chosen is None or state.shown is None:
            return None
        return (state.chosen, state.shown.number, state.fullest, state.confluence)

    def message(self, state: State) -> ClusterDetail:
        assert state.shown is not None
        assert state.chosen is not None
        shown = state.shown
        row = row_of(state.chosen, shown)
        if row is None:
            return NONE
        entry = entries_of(shown)[row]
        confluence = state.confluence
        if confluence is not None and confluence.about != shown.doubts_about:
            confluence = None
        held = band_quote(shown.amounts, entry.cluster)
        return ClusterDetail(
            row=row,
            title=_title(entry.cluster, shown),
            facts=(*_facts(entry, shown, held), _confluence(entry, shown, confluence)),
            leverages=() if entry.swept else _leverages(entry, shown, _then(state, held)),
            venues=_venues(entry, shown),
        )


def _title(cluster: Cluster, shown: Shown) -> str:
    price = shown.price(cluster.price)
    if cluster.position_side > 0:
        return say("Why longs at {price}?", price=price)
    return say("Why shorts at {price}?", price=price)


def row_of(chosen: Chosen, shown: Shown) -> int | None:
    """The row whose price is nearest, of those whose band has the chosen price."""
    entries = entries_of(shown)
    rows = [
        row
        for row, (one, *_) in enumerate(entries)
        if one.position_side == chosen.position_side
        and one.low_price <= chosen.price < one.high_price
    ]
    return min(rows, key=lambda row: abs(entries[row].cluster.price - chosen.price), default=None)


def _then(state: State, held: Array) -> Array | None:
    """The fullest band by range of leverage, if that is known of what is shown."""
    assert state.shown is not None
    assert state.chosen is not None
    known = state.fullest
    if known is None or known.about != fullest_about(state.chosen, state.shown, held):
        return None
    return known.by_leverage_quote


def fullest_about(chosen: Chosen, shown: Shown, held_quote: Array) -> tuple[object, ...]:
    """The choice, the end of the column in which its band held most [ms], and of which estimate."""
    end_ms = float(shown.amounts.time_edges_ms[gone(held_quote)[1] + 1])
    return (chosen, end_ms, shown.view.model, shown.view.leverages, tuple(shown.markets))


def _facts(entry: Entry, shown: Shown, held: Array) -> Rows:
    cluster, edges_ms = entry.cluster, shown.amounts.time_edges_ms
    low, high = map(shown.price, (cluster.low_price, cluster.high_price))
    amount = say("{amount} {unit}", amount=usd(cluster.amount_quote), unit=unit_of(shown.shares))
    band = (say("Band"), f"{low}–{high}, {amount}")
    if entry.swept is not None:
        one = entry.swept
        state = say(
            "{state}; {part} of it swept, {left} there now",
            state=_state(entry),
            part=percent(one.part),
            left=percent(one.left),
        )
        before = held[: int((edges_ms[1:] <= one.visit_ms).sum())]
        return (band, (say("State"), state), (say("Opened"), _opened(before, edges_ms)))
    part, most = gone(held)
    left = say(
        "{part} of the most, {amount} on {time}",
        part=percent(part),
        amount=usd(held[most]),
        time=clock(edges_ms[most + 1]),
    )
    return (
        band,
        (say("Reached"), _reached(cluster, shown)),
        (say("State"), _state(entry)),
        (say("Opened"), _opened(held, edges_ms)),
        (say("Has left"), left),
    )


def _reached(cluster: Cluster, shown: Shown) -> str:
    candles = shown.leader.candles
    chance = reach_chance(cluster.distance_rate, deviation(candles, shown.view.window_ms))
    away = in_daily_ranges(cluster.distance_rate, candles)
    slots = {"time": shown.view.range, "chance": in_percent(chance), "ranges": away}
    if not away:
        return say("by diffusion in {time}: {chance}", **slots)
    return say("by diffusion in {time}: {chance}, {ranges} away", **slots)


def _opened(held: Array, edges_ms: Array) -> str:
    """`12% before the picture, half of the rest from … to …`."""
    came = opened(held, edges_ms)
    before = percent(came.before_part) if came.before_part >= 0.005 else ""
    if came.span_ms is None:
        return say("{part} before the picture", part=before) if before else ""
    begin, end = map(clock, came.span_ms)
    if not before:
        return say("half of it from {begin} to {end}", begin=begin, end=end)
    return say(
        "{part} before the picture, half of the rest from {begin} to {end}",
        part=before,
        begin=begin,
        end=end,
    )


def _state(entry: Entry) -> str:
    found = entry.life
    if found.state == "untouched":
        return say("untouched: no bar came near")
    at = clock(found.at_ms)
    if found.state == "approached":
        return say("approached {time}", time=at)
    if found.state == "held":
        return say("{held}, the last {time}", held=state_of(found), time=at)
    assert found.swept_ms is not None
    swept = clock(found.swept_ms)
    if found.state == "reclaimed":
        return say("swept {time}, reclaimed {later}", time=swept, later=at)
    return say("swept {time}", time=swept)


def _confluence(entry: Entry, shown: Shown, found: Confluence | None) -> tuple[str, str]:
    title = say("Confluence")
    if found is None:
        return title, say("other estimates are on their way")
    cluster = entry.cluster
    frame = (shown.frame.low_price, shown.frame.high_price)
    names = [name for name, others in found.estimates.items() if appears(cluster, others)]
    chance = sum(
        by_chance(cluster, others, shown.spot_price, frame) for others in found.estimates.values()
    )
    words = count(
        "in {some} of {n} estimate, by chance in {chance}",
        "in {some} of {n} estimates, by chance in {chance}",
        len(found.estimates),
        some=len(names),
        chance=number(chance, 1),
    )
    if not names:
        return title, words
    return title, say("{words}: {names}", words=words, names=", ".join(names))


def _leverages(entry: Entry, shown: Shown, then_quote: Array | None) -> Rows:
    """Range, amount, share, what has left, prices of entry."""
    cluster, density, market = entry.cluster, shown.amounts, shown.leader
    published = MODELS[shown.view.model].published
    setup = setup_of(
        mix_of(published and published(market.candles.step_ms)),
        market.maintenance,
        market.instrument.kind,
        Assumptions(),
        market.candles,
        capped=True,
    )
    quote = by_leverage_quote(density, cluster)
    if not quote.size or density.ranges != setup.ranges:
        return ()
    total = float(quote.sum())
    left = [UNKNOWN] * quote.size
    if then_quote is not None:
        now_quote = by_leverage_quote(shown.density, cluster)
        left = [_left(*pair) for pair in zip(now_quote, then_quote, strict=True)]
    history = market.history
    traded = float(history.low.min()), float(history.high.max())
    band = (cluster.low_price, cluster.high_price)
    found = []
    for leverages, amount, gone_part in zip(density.ranges, quote.tolist(), left, strict=True):
        if total <= 0 or amount < LEAST_PART * total:
            continue
        entered = entry_prices(setup, leverages, cluster.position_side, band, traded)
        words = say("before the data")
        if entered is not None:
            words = "–".join(map(shown.price, entered))
        found.append((leverages.name, usd(amount), percent(amount / total), gone_part, words))
    return tuple(found)


def _left(now_quote: float, then_quote: float) -> str:
    """`35%` of what was there then; `more` where more is there now."""
    if now_quote > then_quote:
        return say("more now")
    return percent(1 - now_quote / then_quote) if then_quote > 0 else UNKNOWN


def _venues(entry: Entry, shown: Shown) -> Rows:
    """Venue, amount, share, what has left; none of a single venue or of what was swept."""
    if len(shown.parts) == 1 or entry.swept:
        return ()
    held = {venue: band_quote(part, entry.cluster) for venue, part in shown.parts.items()}
    total = sum(float(one[-1]) for one in held.values())
    return tuple(
        (ADAPTERS[venue].title, usd(one[-1]), percent(one[-1] / total), percent(gone(one)[0]))
        for venue, one in sorted(held.items(), key=lambda item: -item[1][-1])
        if total > 0
    )
