"""A visitor's own position: its prices, its margin, what stands between it and the price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any

from liqmap.analysis.position import (
    CRASH_DEPTH,
    STANDARD,
    Move,
    Position,
    bankrupt_at,
    fill,
    liquidated_at,
    margin_for,
    tier_of,
    way,
    worst_move,
)
from liqmap.analysis.situation import DAY_MS, deviation, reach_chance
from liqmap.data.market import Kind, MaintenanceTiers, Market
from liqmap.data.symbols import factor_of
from liqmap.errors import InputError
from liqmap.language import count, mark, say
from liqmap.picture.heatmap import unit_of
from liqmap.picture.position_lines import NOTHING, lines
from liqmap.session.desk_messages import Rows, YourPosition
from liqmap.session.panels.clusters import clusters_of
from liqmap.session.panels.panel import Panel
from liqmap.session.panels.situation import both_sides, in_daily_ranges, in_percent
from liqmap.session.state import Book, Shown, State
from liqmap.session.typed_position import read
from liqmap.venues.registry import ADAPTERS
from liqmap.view import HOUR_MS
from liqmap.words import clock, digits_of, instant, number, percent, usd

UNTYPED = mark("Type how much, and at what leverage.")


class PositionPanel(Panel):
    """Figures and lines of the position that was typed; without one, what is missing."""

    def about(self, state: State) -> object:
        if state.shown is None:
            return None
        return state.shown.number, state.window, state.typed_position, state.book

    def message(self, state: State) -> YourPosition:
        shown, fields = state.shown, state.typed_position or {}
        assert shown is not None
        if not fields.get("amount", "").strip():
            return _said(shown, notes=(say(UNTYPED),))
        if (coin := fields.get("coin") or shown.coin) != shown.coin:
            here = say(
                "Your position is in {coin}; this picture is of {other}.",
                coin=coin,
                other=shown.coin,
            )
            return _said(shown, notes=(here,))
        typed = read(fields, shown.spot_price)
        complaints = tuple(typed.complaints.items())
        if typed.position is None:
            return _said(shown, complaints=complaints)
        try:
            case = _case(shown, typed.position, state.book)
        except InputError:
            complaint = _liquidated_on_entry(shown, typed.position)
            return _said(shown, complaints=(*complaints, ("leverage", complaint)))
        prices = {"liquidation": case.liquidation, "bankruptcy": case.bankruptcy}
        if fields.get("entry"):  # else it is the price now, which has its own line
            prices = {"entry": typed.position.entry_price} | prices
        begin_ms, end_ms = shown.first_ms, shown.end_ms
        if state.window is not None:
            begin_ms, end_ms = state.window.begin_ms, state.window.end_ms
        return _said(
            shown,
            rows=tuple(_rows(case, typed.wanted_rate)),
            notes=tuple(_notes(case)),
            complaints=complaints,
            columns=lines(prices, typed.position.position_side, begin_ms, end_ms, case.decimals),
        )


def _said(
    shown: Shown,
    *,
    rows: Rows = (),
    notes: tuple[str, ...] = (),
    complaints: Rows = (),
    columns: dict[str, list[Any]] = NOTHING,
) -> YourPosition:
    return YourPosition(shown.coin, rows, notes, complaints, {"position": columns})


@dataclass(frozen=True, eq=False, slots=True)
class _Case:
    """A position in a picture; prices are 0 or infinite where there is none."""

    shown: Shown
    position: Position
    tiers: MaintenanceTiers
    kind: Kind
    liquidation: float
    bankruptcy: float
    book: Book | None

    @property
    def market(self) -> Market:
        """Whose rules hold: that of the candles."""
        return self.shown.leader

    @property
    def title(self) -> str:
        """Of the venue."""
        return _title(self.shown)

    @property
    def distance_rate(self) -> float:
        """Liquidation price over the price now, minus one."""
        return self.liquidation / self.shown.spot_price - 1

    @property
    def notional_quote(self) -> float:
        """At the liquidation price."""
        size = self.position.notional_quote
        if self.kind == "inverse":
            return size
        return size * self.liquidation / self.position.entry_price

    @property
    def decimals(self) -> int:
        """Of a price."""
        return self.shown.decimals

    def price(self, price: float) -> str:
        """A price in words."""
        return number(price, self.decimals)

    def passes(self, price: float) -> bool:
        """Whether the position is liquidated at a price."""
        return (price - self.liquidation) * self.position.position_side <= 0


def _case(shown: Shown, position: Position, book: Book | None) -> _Case:
    tiers = shown.leader.maintenance or STANDARD
    kind = shown.leader.instrument.kind
    liquidation = liquidated_at(position, tiers, kind)
    return _Case(shown, position, tiers, kind, liquidation, bankrupt_at(position, kind), book)


def _rows(case: _Case, wanted_rate: float | None) -> Iterator[tuple[str, str, str]]:
    position = case.position
    margin = say("margin {amount}", amount=usd(position.margin_quote))
    yield (say("Size"), usd(position.notional_quote), margin)
    if not case.liquidation > 0 or not isfinite(case.liquidation):
        yield (say("Liquidation"), say("none"), say("no price takes all of this margin"))
        return
    yield from _prices(case)
    yield from _costs(case)
    if wanted_rate is not None:
        yield _added(case, wanted_rate)
    if not case.passes(case.shown.spot_price):
        yield _between(case)
    yield from _moves(case)


def _prices(case: _Case) -> Iterator[tuple[str, str, str]]:
    """The four prices of a liquidation, and how far the first is."""
    shown, away = case.shown, case.distance_rate
    passed = case.passes(shown.spot_price)
    candles = shown.leader.candles
    ranges = in_daily_ranges(away, candles)
    beyond = say("{move} from here", move=_percent(away)) + (f" · {ranges}" if ranges else "")
    if passed:
        beyond = say("the price has passed it")
    yield (say("Liquidation, by mark price"), case.price(case.liquidation), beyond)
    if not passed:
        horizon = shown.view.range
        chance = reach_chance(away, deviation(candles, shown.view.window_ms))
        title = say("Reached within {time}", time=horizon)
        yield (title, in_percent(chance), say("if the price only diffuses"))
    yield (say("Filled by the book now"), *_filled(case, 1.0))
    yield (say("Filled in a crash"), *_filled(case, CRASH_DEPTH))
    from_entry = _percent(case.bankruptcy / case.position.entry_price - 1)
    left = say("{move} from entry: no margin left", move=from_entry)
    yield (say("Bankruptcy"), case.price(case.bankruptcy), left)


def _filled(case: _Case, depth_rate: float) -> tuple[str, str]:
    """The liquidation price, moved by what the book would cost."""
    about = (case.market.venue, case.market.instrument.name)
    if case.book is None or case.book.about != about:
        return "–", say("its order book is on its way")
    if case.book.book is None:
        return "–", case.book.trouble
    units = factor_of(case.market.instrument.base_coin, case.shown.coin)
    quantity = case.position.quantity_base(case.liquidation, case.kind) * units
    found = fill(case.book.book, case.position.position_side, quantity, depth_rate)
    if found is None:
        return "–", say("the order book has an empty side")
    price = case.liquidation * (1 + found.slippage_rate)
    words = [say("slippage {rate}", rate=_percent(found.slippage_rate, 3))]
    if depth_rate < 1:
        words.append(say("{part} of the depth", part=percent(depth_rate)))
    if found.part < 1:
        words.append(say("all that was read holds {part} of it", part=percent(found.part)))
    if (price - case.bankruptcy) * case.position.position_side < 0:
        words.append(say("worse than bankruptcy"))
    return case.price(price), ", ".join(words)


def _costs(case: _Case) -> Iterator[tuple[str, str, str]]:
    """What of the margin is left at the liquidation price, and the fee."""
    tier = tier_of(case.tiers, case.notional_quote)
    cap = float(case.tiers.notional_cap_quote[tier])
    part = percent(float(case.tiers.maintenance_rate[tier]), 2)
    rate = say("{part} of the notional", part=part)
    if isfinite(cap) and case.kind == "linear":
        rate = say("{part} of the notional up to {cap}", part=part, cap=usd(cap))
    if case.kind == "linear" and (deduction := float(case.tiers.deduction_quote[tier])):
        rate = say("{rate}, less {amount}", rate=rate, amount=usd(deduction))
    left = say("what is left there; {rate}", rate=rate)
    yield (say("Maintenance margin"), usd(_left_quote(case)), left)
    fee_rate = case.market.instrument.liquidation_fee_rate
    if fee_rate:
        fee, part = usd(fee_rate * case.notional_quote), percent(fee_rate, 2)
        words = say("{part} of the notional, if so much is left", part=part)
        yield (say("Liquidation fee"), fee, words)
    else:
        words = say("{venue} tells a browser none; none is counted", venue=case.title)
        yield (say("Liquidation fee"), "–", words)


def _left_quote(case: _Case) -> float:
    """Margin at the liquidation price [quote]."""
    position, side = case.position, case.position.position_side
    if case.kind == "linear":
        quantity = position.quantity_base(position.entry_price, case.kind)
        return quantity * side * (case.liquidation - case.bankruptcy)
    coins = position.notional_quote * side * (1 / case.bankruptcy - 1 / case.liquidation)
    return coins * case.liquidation


def _added(case: _Case, wanted_rate: float) -> tuple[str, str, str]:
    """What has to be added so that the liquidation is that far from the price now."""
    position = case.position
    price = case.shown.spot_price * (1 - position.position_side * wanted_rate)
    margin = margin_for(position, price, case.tiers, case.kind)
    more = margin - position.margin_quote
    distance = percent(wanted_rate, digits_of(100 * wanted_rate))
    title = say("For a distance of {rate}", rate=distance)
    if more <= 0:
        return title, say("nothing to add"), say("it is farther already")
    at = say("liquidation at {price}", price=case.price(price))
    return title, say("add {amount}", amount=usd(more)), at


def _between(case: _Case) -> tuple[str, str, str]:
    """What waits between the price and the liquidation."""
    shown, spot = case.shown, case.shown.spot_price
    passed = way(shown.amounts, spot, case.liquidation)
    low, high = sorted((spot, case.liquidation))
    largest = [one for one in clusters_of(shown) if low <= one.price <= high]
    words = [unit_of(shown.shares)]
    if largest:
        words.append(
            count(
                "{n} large cluster, {amount}",
                "{n} of the largest clusters, {amount}",
                len(largest),
                amount=usd(sum(one.amount_quote for one in largest)),
            )
        )
    else:
        words.append(say("none of the largest clusters"))
    if passed.end_price != case.liquidation:
        words.append(say("the picture ends at {price}", price=case.price(passed.end_price)))
    sides = both_sides(passed.long_quote, passed.short_quote)
    return (say("On the way"), sides, "; ".join(words))


def _moves(case: _Case) -> Iterator[tuple[str, str, str]]:
    """The worst moves of the loaded history, from the price now."""
    side = case.position.position_side
    for hours, horizon_ms in ((1, HOUR_MS), (24, DAY_MS)):
        move = _worst(case.market, horizon_ms, side)
        if move is None:
            continue
        reached = case.passes(case.shown.spot_price * (1 + move.rate))
        at = clock(move.time_ms)
        yield (
            say("Deepest fall in {hours} h", hours=hours)
            if side > 0
            else say("Highest rise in {hours} h", hours=hours),
            _percent(move.rate),
            say("from {time}; the same from here would reach the liquidation", time=at)
            if reached
            else say("from {time}; the same from here would not reach the liquidation", time=at),
        )


@lru_cache(maxsize=4)  # each for two lengths, while a picture is told again
def _worst(market: Market, horizon_ms: float, position_side: int) -> Move | None:
    return worst_move(market.history, horizon_ms, position_side)


def _notes(case: _Case) -> Iterator[str]:
    """What is assumed, and what is left out."""
    instrument, position = case.market.instrument, case.position
    if len(case.shown.markets) > 1:
        yield say("By the rules of {venue}, the first venue of the sum.", venue=case.title)
    if case.market.maintenance is None:
        yield say(
            "Risk-limit tiers of {venue} are not known: {rate} of the notional is assumed as "
            "maintenance margin, whatever the size.",
            venue=case.title,
            rate=percent(float(STANDARD.maintenance_rate[0]), 1),
        )
    elif case.kind == "inverse":
        yield say("Of an inverse contract the first tier's rate is taken, whatever the size.")
    if 0 < instrument.max_leverage < position.leverage:
        most = number(instrument.max_leverage, digits_of(instrument.max_leverage))
        yield say("{venue} offers at most {leverage}× here.", venue=case.title, leverage=most)
    if case.book is not None and case.book.book is not None:
        at = instant(case.book.read_ms)
        yield say("Order book of {time}, moved to the liquidation price.", time=at)
    if position.wallet_quote:
        yield say("Cross margin: other positions of the same wallet are not counted.")
    yield say("Funding paid or received since the entry is not counted.")


def _liquidated_on_entry(shown: Shown, position: Position) -> str:
    tiers = shown.leader.maintenance or STANDARD
    rate = float(tiers.maintenance_rate[tier_of(tiers, position.notional_quote)])
    return say(
        "Liquidated on entry: {venue} wants {rate} maintenance margin of this size.",
        venue=_title(shown),
        rate=percent(rate, 2),
    )


def _title(shown: Shown) -> str:
    venue = shown.leader.venue
    return ADAPTERS[venue].title if venue in ADAPTERS else say("the simulation")


def _percent(rate: float, digits: int = 1) -> str:
    """`−6.2%`."""
    return percent(rate, digits, signed=True)
