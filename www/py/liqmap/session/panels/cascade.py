"""The cascade: a scenario in sentences, step by step, and as a curve."""

from __future__ import annotations

import numpy as np

from liqmap.analysis.cascade import Cascade as Played
from liqmap.analysis.cascade import Curve, Depth, Forced, cascade, curve, depth_of, forced_of
from liqmap.data.series import Array
from liqmap.evaluate.realised_share import WHOSE, Share
from liqmap.language import count, mark, say
from liqmap.picture.heatmap import unit_of
from liqmap.session.desk_messages import Cascade, Rows
from liqmap.session.panels.clusters import clusters_of
from liqmap.session.panels.panel import Panel
from liqmap.session.scenario import AXIS_RATE, LARGEST_RATE
from liqmap.session.state import Scenario, Shown, State
from liqmap.venues.registry import ADAPTERS
from liqmap.view import LEVERAGES
from liqmap.words import digits_of, number, percent, usd

POINTS = 40
"""Shocks of the curve, a side."""
MOST_STEPS = 8
"""Rows of the table before the rest becomes one."""


class CascadePanel(Panel):
    """A message for each scenario on each picture; an empty one when nothing is played."""

    def about(self, state: State) -> object:
        if state.shown is None or state.scenario is None:
            return None
        return state.shown.number, state.scenario

    def message(self, state: State) -> Cascade:
        assert state.shown is not None
        assert state.scenario is not None
        return Telling(state.shown, state.scenario).message()


class Telling:
    """One scenario on one picture."""

    def __init__(self, shown: Shown, scenario: Scenario) -> None:
        self.shown, self.scenario = shown, scenario
        self.side = 1 if scenario.shock_rate < 0 else -1
        venue = next(iter(shown.markets))
        self.title = ADAPTERS[venue].title if venue in ADAPTERS else say("the simulation")

    def message(self) -> Cascade:
        scenario, side = self.scenario, self.side
        forced, depths = self.forced(side), self.depths()
        shock = abs(scenario.shock_rate)
        depth = depths.get(side)
        played = None if depth is None else cascade(forced, depth, shock, scenario.impact)
        near = None
        if depth is not None:
            near = curve(forced, depth, np.array([shock]), scenario.impact)
        rates, found = self.curves(depths)
        return Cascade(
            words=(*self.swept(forced), *self.landing(played, near, forced.edge_rate))
            if shock
            else (say(_NOTHING),),
            notes=self.notes(depth),
            steps=self.steps(played, forced) if shock else (),
            book_ms=scenario.read_ms if scenario.book is not None else 0.0,
            shock_rate=scenario.shock_rate,
            final_rate=np.nan if played is None else -side * played.final_rate,
            shock_rates=rates,
            final_rates=found.final_rate,
            low_rates=found.low_rate,
            high_rates=found.high_rate,
        )

    def forced(self, side: int) -> Forced:
        """Forced orders of a side: exposure × the realised share."""
        density, members = self.scenario.density, self.scenario.members
        quote = (density.long_quote if side > 0 else density.short_quote)[:, -1]
        edges, spot = density.price_edges, self.shown.spot_price
        exposed = forced_of(edges, quote.astype(np.float64), spot, side, members)
        share, count = self.share(side), len(exposed.members_quote)
        guesses = np.minimum(share.guesses(count), 1.0) if count else np.empty(0)
        return exposed.scaled(share.value, guesses)

    def share(self, side: int) -> Share:
        """The realised share of a side."""
        shares = self.scenario.shares
        return shares.long if side > 0 else shares.short

    def depths(self) -> dict[int, Depth]:
        """The sides of the book that have any orders."""
        book = self.scenario.book
        found = {} if book is None else {side: depth_of(book, side) for side in (1, -1)}
        return {side: one for side, one in found.items() if one is not None}

    def curves(self, depths: dict[int, Depth]) -> tuple[Array, Curve]:
        """Both sides as one curve from the largest fall to the largest rise, with signs."""
        rates = np.linspace(0, LARGEST_RATE, POINTS + 1)[1:]
        signed, found = [np.empty(0)], [np.empty((3, 0))]
        for side, depth in depths.items():  # longs first: from the largest fall
            forced = self.forced(side)
            one = np.array(curve(forced, depth, rates, self.scenario.impact))
            one[0, one[0] >= forced.edge_rate] = np.nan
            signed.append((-side * rates)[::-side])
            found.append((-side * one)[:, ::-side])
        return np.concatenate(signed), Curve(*np.concatenate(found, axis=1))

    # ---------------------------------------------------------------- words

    def price(self, rate: float) -> str:
        """The price at a distance on the scenario's side."""
        return self.shown.price(self.shown.spot_price * (1 - self.side * rate))

    def move(self, rate: float) -> str:
        """`−4.12%`."""
        return percent(-self.side * rate, 2, signed=True)

    def swept(self, forced: Forced) -> tuple[str, ...]:
        """What the shock forces."""
        shock = abs(self.scenario.shock_rate)
        middle, low, high = forced.swept_by(shock)
        amount = usd(middle)
        if not np.isnan(low):
            amount = say(
                "{amount} (P10–P90 {low}–{high})", amount=amount, low=usd(low), high=usd(high)
            )
        slots = {
            "move": percent(shock, digits_of(100 * shock, 3)),
            "price": self.price(shock),
            "amount": amount,
        }
        if self.side > 0:
            return (
                say(
                    "If price falls {move} to {price} (scenario): {amount} of longs are forced to "
                    "sell.",
                    **slots,
                ),
            )
        return (
            say(
                "If price rises {move} to {price} (scenario): {amount} of shorts are forced to "
                "buy.",
                **slots,
            ),
        )

    def landing(
        self, played: Played | None, near: Curve | None, edge_rate: float
    ) -> tuple[str, ...]:
        """Where the book stops it; or why nobody knows."""
        if played is None or near is None:
            return (self.unknown(),)
        end = self.end(played, near, edge_rate)
        factor = _least(f"{number(played.amplification, 2)}×", played)
        first = played.steps[min(1, len(played.steps) - 1)].to_rate
        if first == played.final_rate:
            slots = {"venue": self.title, "end": end}
            taken = (
                say("The book of {venue} takes them down to {end}.", **slots)
                if self.side > 0
                else say("The book of {venue} takes them up to {end}.", **slots)
            )
            return taken, *self.next_cluster(played), say("Amplification {factor}.", factor=factor)
        by_first = f"{number(first / played.steps[0].to_rate, 2)}×"
        return (
            *self.rounds(first, end),
            *self.next_cluster(played),
            say(
                "Amplification {factor}, {first} by the first round.", factor=factor, first=by_first
            ),
        )

    def unknown(self) -> str:
        """Why there is no landing price."""
        why = self.scenario.trouble
        if self.scenario.book is not None and self.side > 0:
            why = say("The book of {venue} has no bids", venue=self.title)
        elif self.scenario.book is not None:
            why = say("The book of {venue} has no asks", venue=self.title)
        if not why:
            return say("Its order book is on its way …")
        return say("{why}: no landing price.", why=why)

    def end(self, played: Played, near: Curve, edge_rate: float) -> str:
        """`at least 96,000, −4.12% (P10–P90 −3.90% to −4.60% or more)`."""
        at = say(
            "{price}, {move}",
            price=self.price(played.final_rate),
            move=self.move(played.final_rate),
        )
        low, high = near.low_rate[0], near.high_rate[0]
        if not np.isnan(low):
            slots = {"at": at, "low": self.move(low), "high": self.move(high)}
            at = (
                say("{at} (P10–P90 {low} to {high} or more)", **slots)
                if high >= edge_rate
                else say("{at} (P10–P90 {low} to {high})", **slots)
            )
        return _least(at, played)

    def rounds(self, first: float, end: str) -> tuple[str, str]:
        """Where the first round ends, and where all of them do."""
        slots = {"venue": self.title, "price": self.price(first), "move": self.move(first)}
        if self.side > 0:
            return (
                say("The book of {venue} takes them alone down to {price}, {move}.", **slots),
                say(
                    "If nobody answered, what that sweeps would go on down to {end}. Markets "
                    "answer: a bound, not a forecast.",
                    end=end,
                ),
            )
        return (
            say("The book of {venue} takes them alone up to {price}, {move}.", **slots),
            say(
                "If nobody answered, what that sweeps would go on up to {end}. Markets answer: "
                "a bound, not a forecast.",
                end=end,
            ),
        )

    def next_cluster(self, played: Played) -> tuple[str, ...]:
        """The nearest cluster of the picture that the shock itself does not reach."""
        shock, side = abs(self.scenario.shock_rate), self.side
        beyond = [
            one
            for one in clusters_of(self.shown)
            if one.position_side == side and -side * one.distance_rate > shock
        ]
        if not beyond:
            return (say("No cluster of the picture lies beyond."),)
        one = min(beyond, key=lambda one: abs(one.distance_rate))
        slots = {
            "price": self.price(abs(one.distance_rate)),
            "amount": usd(one.amount_quote),
            "unit": unit_of(self.shown.shares),
        }
        if abs(one.distance_rate) <= played.final_rate:
            return (say("The next cluster at {price} ({amount} {unit}) is reached.", **slots),)
        return (say("The next cluster at {price} ({amount} {unit}) is not reached.", **slots),)

    def notes(self, depth: Depth | None) -> tuple[str, ...]:
        """What is supposed."""
        scenario, shown = self.scenario, self.shown
        said = [self.forced_note()]
        if len(shown.markets) > 1:
            said.append(
                say(
                    "Of the sum {venue} alone is played: its exposure into its book.",
                    venue=self.title,
                )
            )
        if shown.view.leverages:
            chosen = ", ".join(LEVERAGES[one] for one in shown.view.leverages)
            said.append(say("Only the leverages shown: {leverages}.", leverages=chosen))
        if shown.view.model != "balance":
            said.append(say("The share belongs to the model Balance; this one has no interval."))
        if depth is not None:
            said.append(
                say(
                    "The book shown ends at {move}; behind it {amount} per 1% is supposed to go "
                    "on. What rests before the shock’s end is taken to be gone.",
                    move=self.move(depth.reach_rate),
                    amount=usd(depth.beyond_quote / 100),
                )
            )
        if scenario.members is not None and depth is not None:
            said.append(say("P10–P90: exposure, share, 0.63–1 of the depth, exponents of 0.8–1."))
        said.append(
            say(
                "Nobody answers: no buyer or seller comes, nobody leaves. Nothing is estimated "
                "beyond about ±{rate}.",
                rate=percent(AXIS_RATE),
            )
        )
        return tuple(said)

    def forced_note(self) -> str:
        """What part of the exposure becomes orders."""
        share = self.share(self.side)
        slots = {
            "part": percent(share.value, 1),
            "source": share.source,
            "whose": say(WHOSE[self.scenario.shares.whose]),
        }
        if self.side > 0:
            return say("Forced orders: {part} of the longs’ exposure ({source}), {whose}.", **slots)
        return say("Forced orders: {part} of the shorts’ exposure ({source}), {whose}.", **slots)

    def steps(self, played: Played | None, forced: Forced) -> Rows:
        """The shock, each round, the sum."""
        if played is None:
            return ()
        shock, *rounds = played.steps
        rows = [(say("shock"), shock.to_rate, shock.swept_quote, 0.0)]
        rows += [
            (str(n), one.to_rate, one.swept_quote, one.absorbed_quote)
            for n, one in enumerate(rounds[:MOST_STEPS], 1)
        ]
        if more := rounds[MOST_STEPS:]:
            rows.append(
                (
                    count("{n} more", "{n} more", len(more)),
                    more[-1].to_rate,
                    sum(one.swept_quote for one in more),
                    sum(one.absorbed_quote for one in more),
                )
            )
        total = sum(one.swept_quote for one in played.steps)
        rows.append((say("all"), played.final_rate, total, total))
        return tuple(
            (name, self.price(rate), self.move(rate), usd(swept), usd(taken))
            for name, rate, swept, taken in rows
        )


def _least(words: str, played: Played) -> str:
    """The words, as what is at least so where the scenario's axis ends first."""
    return say("at least {what}", what=words) if played.edge else words


_NOTHING = mark("Price stays where it is: nothing is swept. Choose how far it moves.")
