"""The cascade: a scenario in sentences, step by step, and as a curve."""

from __future__ import annotations

import numpy as np

from liqmap.analysis.cascade import Cascade as Played
from liqmap.analysis.cascade import Curve, Depth, Forced, cascade, curve, depth_of, forced_of
from liqmap.data.series import Array
from liqmap.evaluate.realised_share import WHOSE, Share
from liqmap.picture.heatmap import unit_of
from liqmap.session.desk_messages import Cascade, Rows
from liqmap.session.panels.clusters import clusters_of
from liqmap.session.panels.panel import Panel
from liqmap.session.scenario import AXIS_RATE, LARGEST_RATE
from liqmap.session.state import Scenario, Shown, State
from liqmap.venues.registry import ADAPTERS
from liqmap.view import LEVERAGES
from liqmap.words import usd

POINTS = 40
"""Shocks of the curve, a side."""
MOST_STEPS = 8
"""Rows of the table before the rest becomes one."""
DEAL = {1: ("longs", "sell", "bids", "down"), -1: ("shorts", "buy", "asks", "up")}


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
        self.title = ADAPTERS[venue].title if venue in ADAPTERS else "the simulation"

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
            else (_NOTHING,),
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
        return f"{-self.side * rate:+.2%}".replace("-", "−")

    def swept(self, forced: Forced) -> tuple[str, ...]:
        """What the shock forces."""
        shock = abs(self.scenario.shock_rate)
        way = "falls" if self.side > 0 else "rises"
        who, do, _, _ = DEAL[self.side]
        middle, low, high = forced.swept_by(shock)
        interval = "" if np.isnan(low) else f" (P10–P90 {usd(low)}–{usd(high)})"
        return (
            f"If price {way} {100 * shock:.3g}% to {self.price(shock)} (scenario): "
            f"{usd(middle)}{interval} of {who} are forced to {do}.",
        )

    def landing(
        self, played: Played | None, near: Curve | None, edge_rate: float
    ) -> tuple[str, ...]:
        """Where the book stops it; or why nobody knows."""
        if played is None or near is None:
            why = self.scenario.trouble
            if self.scenario.book is not None:
                why = f"The book of {self.title} has no {DEAL[self.side][2]}"
            return (f"{why}: no landing price." if why else "Its order book is on its way …",)
        low, high = near.low_rate[0], near.high_rate[0]
        more = " or more" if high >= edge_rate else ""
        interval = f" (P10–P90 {self.move(low)} to {self.move(high)}{more})"
        if np.isnan(low):
            interval = ""
        least = "at least " if played.edge else ""
        way = DEAL[self.side][3]
        end = f"{least}{self.price(played.final_rate)}, {self.move(played.final_rate)}{interval}"
        amplified = f"Amplification {least}{played.amplification:.2f}×"
        first = played.steps[min(1, len(played.steps) - 1)].to_rate
        if first == played.final_rate:
            return (
                f"The book of {self.title} takes them {way} to {end}.",
                *self.next_cluster(played),
                f"{amplified}.",
            )
        return (
            f"The book of {self.title} takes them alone {way} to {self.price(first)}, "
            f"{self.move(first)}.",
            f"If nobody answered, what that sweeps would go on {way} to {end}. Markets answer: a "
            "bound, not a forecast.",
            *self.next_cluster(played),
            f"{amplified}, {first / played.steps[0].to_rate:.2f}× by the first round.",
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
            return ("No cluster of the picture lies beyond.",)
        one = min(beyond, key=lambda one: abs(one.distance_rate))
        reached = "" if abs(one.distance_rate) <= played.final_rate else "not "
        amount = f"{usd(one.amount_quote)} {unit_of(self.shown.shares)}"
        return (
            f"The next cluster at {self.price(abs(one.distance_rate))} ({amount}) is "
            f"{reached}reached.",
        )

    def notes(self, depth: Depth | None) -> tuple[str, ...]:
        """What is supposed."""
        scenario, shown, who = self.scenario, self.shown, DEAL[self.side][0]
        share = self.share(self.side)
        said = [
            f"Forced orders: {share.value:.1%} of the {who}’ exposure ({share.source}), "
            f"{WHOSE[scenario.shares.whose]}."
        ]
        if len(shown.markets) > 1:
            said.append(f"Of the sum {self.title} alone is played: its exposure into its book.")
        if shown.view.leverages:
            chosen = ", ".join(LEVERAGES[one] for one in shown.view.leverages)
            said.append(f"Only the leverages shown: {chosen}.")
        if shown.view.model != "balance":
            said.append("The share belongs to the model Balance; this one has no interval.")
        if depth is not None:
            said.append(
                f"The book shown ends at {self.move(depth.reach_rate)}; behind it "
                f"{usd(depth.beyond_quote / 100)} per 1% is supposed to go on. What rests before "
                "the shock’s end is taken to be gone."
            )
        if scenario.members is not None and depth is not None:
            said.append("P10–P90: exposure, share, 0.63–1 of the depth, exponents of 0.8–1.")
        said.append(
            f"Nobody answers: no buyer or seller comes, nobody leaves. Nothing is estimated beyond "
            f"about ±{AXIS_RATE:.0%}."
        )
        return tuple(said)

    def steps(self, played: Played | None, forced: Forced) -> Rows:
        """The shock, each round, the sum."""
        if played is None:
            return ()
        shock, *rounds = played.steps
        rows = [("shock", shock.to_rate, shock.swept_quote, 0.0)]
        rows += [
            (str(n), one.to_rate, one.swept_quote, one.absorbed_quote)
            for n, one in enumerate(rounds[:MOST_STEPS], 1)
        ]
        if more := rounds[MOST_STEPS:]:
            rows.append(
                (
                    f"{len(more)} more",
                    more[-1].to_rate,
                    sum(one.swept_quote for one in more),
                    sum(one.absorbed_quote for one in more),
                )
            )
        total = sum(one.swept_quote for one in played.steps)
        rows.append(("all", played.final_rate, total, total))
        return tuple(
            (name, self.price(rate), self.move(rate), usd(swept), usd(taken))
            for name, rate, swept, taken in rows
        )


_NOTHING = "Price stays where it is: nothing is swept. Choose how far it moves."
