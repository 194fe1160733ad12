"""Reading the series of one contract from its venue: what to ask, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from liqmap import language
from liqmap.data.market import Instrument, MaintenanceTiers, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import LiqmapError, NoData
from liqmap.feed.client import Client, Progress, together
from liqmap.venues.adapter import Adapter, Conversation, Series
from liqmap.words import instant, number

T = TypeVar("T")
Say = Callable[[str, int, int], None]
"""`say(sentence, done, total)`: what is being read, in requests."""

UNPUBLISHED: dict[Series, str] = {
    "maintenance": language.mark(
        "{venue} publishes no maintenance margin tiers: a standard rate is assumed."
    ),
    "mark": language.mark("{venue} publishes no mark prices: traded prices stand in for them."),
    "open_interest": language.mark(
        "{venue} publishes no history of open interest: its present value stands for the whole "
        "time."
    ),
}
"""What is used where a venue does not have a series."""
MISSING: dict[Series, str] = {
    "maintenance": language.mark(
        "No maintenance margin tiers ({reason}): a standard rate is assumed."
    ),
    "mark": language.mark("No mark prices ({reason}): traded prices stand in for them."),
    "open_interest": language.mark(
        "No history of open interest ({reason}): its present value stands for the whole time."
    ),
}
"""The same where the series does not come."""

BEFORE_STEP_MS = 3_600_000
"""Length of the bars before the first candle, at least as long as that."""
POLLED_BARS = 5


def silent(_sentence: str, _done: int, _total: int) -> None:
    """A `Say` that says nothing."""


@dataclass(slots=True)
class Reader:
    """Reads the series of one contract, and collects what is missing and how far it is.

    Attributes
    ----------
    client : Client
    instrument : Instrument
    step_ms : int
        Length of a bar.
    say : Say
    has_history : bool
        Whether open interest has a history; known once `beside` was read.
    """

    client: Client
    instrument: Instrument
    step_ms: int
    say: Say = silent
    has_history: bool = True
    _notes: dict[str, None] = field(default_factory=dict)
    _counts: list[tuple[int, int]] = field(default_factory=list)

    @property
    def adapter(self) -> Adapter:
        """The client's venue."""
        return self.client.adapter

    async def newest(self) -> tuple[Candles, MaintenanceTiers | None]:
        """The newest page of bars, and the contract's margin tiers.

        Raises
        ------
        LiqmapError
            There are no bars. Tiers that are missing are a note.
        """
        work: list[Coroutine[Any, Any, Any]] = [
            self._converse(self.adapter.candles(self.instrument, self.step_ms)),
            self._optional(
                "maintenance",
                self.adapter.maintenance(self.instrument),
            ),
        ]
        candles, tiers = await together(work)
        return candles, tiers

    async def beside(self, start_ms: float, end_ms: float) -> tuple[OpenInterest, Candles | None]:
        """Open interest and mark prices of the time that the newest page covers.

        Raises
        ------
        LiqmapError
            There is no open interest at all. Mark prices that are missing are a note.
        """
        work: list[Coroutine[Any, Any, Any]] = [
            self._open_interest(start_ms, end_ms - 1),  # at its end the newest bar is not yet
            self._optional(
                "mark",
                self.adapter.mark(self.instrument, self.step_ms, start_ms, end_ms),
            ),
        ]
        open_interest, mark = await together(work)
        return open_interest, mark

    async def behind(
        self, start_ms: float, first_ms: float, end_ms: float
    ) -> tuple[Candles, OpenInterest | None, Candles | None] | None:
        """Bars, open interest and mark prices from `start_ms` to the newest page.

        That page covers [first_ms, end_ms). None where there are no bars before it.
        """
        if start_ms >= first_ms:
            return None
        adapter, instrument, step_ms = self.adapter, self.instrument, self.step_ms
        depth = adapter.offers.get("open_interest")
        samples_ms = max(start_ms, end_ms - depth.reach_ms(step_ms)) if depth else first_ms
        talks: list[Conversation[Any]] = [
            adapter.candles(instrument, step_ms, start_ms, first_ms),
            adapter.open_interest(instrument, step_ms, samples_ms, first_ms - 1),
            adapter.mark(instrument, step_ms, start_ms, first_ms),
        ]
        wanted = (True, samples_ms < first_ms, "mark" in adapter.offers)
        candles, samples, marks = await together(
            self._older(talk) if wish else _nothing()
            for talk, wish in zip(talks, wanted, strict=True)
        )
        return None if candles is None else (candles, samples, marks)

    async def before(
        self, first_ms: float, end_ms: float, before_ms: float
    ) -> tuple[Candles, OpenInterest | None] | None:
        """Bars of an hour, and open interest, of `before_ms` before the first candle.

        The candles cover [first_ms, end_ms). None where there are no longer bars.
        """
        adapter, instrument, step_ms = self.adapter, self.instrument, BEFORE_STEP_MS
        if step_ms not in adapter.steps_ms or step_ms < self.step_ms:
            return None
        until_ms = first_ms // step_ms * step_ms
        start_ms = max(until_ms - before_ms, end_ms - adapter.offers["candles"].reach_ms(step_ms))
        bars = await self._unless_it_fails(adapter.candles(instrument, step_ms, start_ms, until_ms))
        if bars is None:
            return None
        if not self.has_history:
            return bars, None
        start_ms = max(start_ms, end_ms - adapter.offers["open_interest"].reach_ms(step_ms))
        talk = adapter.open_interest(instrument, step_ms, start_ms, until_ms)
        return bars, await self._unless_it_fails(talk)

    async def polled(self, last_ms: float) -> Candles:
        """The bars from `last_ms` to now; raises `LiqmapError` when they cannot be read."""
        adapter, instrument, step_ms = self.adapter, self.instrument, self.step_ms
        bars = await self._converse(adapter.candles(instrument, step_ms, newest=POLLED_BARS))
        if bars.time_ms[0] > last_ms:
            end_ms = float(bars.end_ms[-1])
            bars = await self._converse(adapter.candles(instrument, step_ms, last_ms, end_ms))
        return bars.rows(bars.time_ms >= last_ms)

    async def since(
        self, start_ms: float, end_ms: float, *, mark: bool
    ) -> tuple[OpenInterest | None, Candles | None]:
        """Open interest, and mark prices if wanted, of a poll; None for what fails."""
        work: list[Coroutine[Any, Any, Any]] = [
            self._samples_since(start_ms, end_ms - 1),
            self._marks_since(start_ms, end_ms) if mark else _nothing(),
        ]
        samples, marks = await together(work)
        return samples, marks

    def note(self, sentence: str) -> None:
        """Keep a sentence for the market's notices, once."""
        self._notes[sentence] = None

    def notices(self, market: Market) -> tuple[str, ...]:
        """All notes so far, and what the market itself lacks."""
        candles, samples = market.candles, market.open_interest
        lacking = []
        expected = round((candles.end_ms[-1] - candles.time_ms[0]) / candles.step_ms)
        if missing := expected - len(candles):
            lacking.append(
                language.count(
                    "{n} of {all} bars is missing and stays a gap.",
                    "{n} of {all} bars are missing and stay gaps.",
                    missing,
                    n=number(missing),
                    all=number(expected),
                )
            )
        late_ms = samples.time_ms[0] - candles.end_ms[0]
        if self.has_history and late_ms > max(candles.step_ms, 3_600_000.0):
            lacking.append(
                language.say(
                    "Open interest begins {time}: before, its first value is used.",
                    time=instant(float(samples.time_ms[0])),
                )
            )
        return (*self.client.notes, *self._notes, *lacking)

    async def _open_interest(self, start_ms: float, end_ms: float) -> OpenInterest:
        """History where there is one, else the present value for the whole time."""
        found = await self._optional(
            "open_interest",
            self.adapter.open_interest(self.instrument, self.step_ms, start_ms, end_ms),
        )
        if found is None:
            self.has_history = False
            now = await self._converse(self.adapter.snapshot(self.instrument))
            found = OpenInterest(np.array([start_ms]), np.array([now.open_interest_base]))
        return found

    async def _samples_since(self, start_ms: float, end_ms: float) -> OpenInterest | None:
        """Open interest in [start_ms, end_ms]; of now, as of `end_ms`, where it has no history.

        None when it fails.
        """
        adapter, instrument = self.adapter, self.instrument
        if "open_interest" in adapter.offers:
            talk = adapter.open_interest(instrument, self.step_ms, start_ms, end_ms)
            return await self._unless_it_fails(talk)
        now = await self._unless_it_fails(adapter.snapshot(instrument))
        if now is None:
            return None
        # Taken within the newest bar: it belongs to that bar's end and to none before.
        return OpenInterest(np.array([end_ms]), np.array([now.open_interest_base]))

    async def _marks_since(self, start_ms: float, end_ms: float) -> Candles | None:
        talk = self.adapter.mark(self.instrument, self.step_ms, start_ms, end_ms)
        return await self._unless_it_fails(talk)

    async def _older(self, conversation: Conversation[T]) -> T | None:
        """What lies behind; None where there is nothing, and with a note when it fails."""
        try:
            return await self._converse(conversation)
        except NoData:
            return None
        except LiqmapError as error:
            reason = error.sentence
            self.note(language.say("Part of the history is missing: {reason}", reason=reason))
            return None

    async def _optional(self, series: Series, conversation: Conversation[T]) -> T | None:
        """A series; None with a note where it is not offered or fails."""
        if series not in self.adapter.offers:
            conversation.close()
            self.note(language.say(UNPUBLISHED[series], venue=self.adapter.title))
            return None
        try:
            return await self._converse(conversation)
        except LiqmapError as error:
            self.note(language.say(MISSING[series], reason=error.sentence.rstrip(".。।")))
            return None

    async def _unless_it_fails(self, conversation: Conversation[T]) -> T | None:
        try:
            return await self._converse(conversation)
        except LiqmapError:
            return None

    async def _converse(self, conversation: Conversation[T]) -> T:
        return await self.client.converse(conversation, self._progress(), self.note)

    def _progress(self) -> Progress:
        """A row of its own in the counts, whose sums are said."""
        row = len(self._counts)
        self._counts.append((0, 0))

        def progress(done: int, total: int) -> None:
            self._counts[row] = (done, total)
            self.say(
                language.say(
                    "Reading {name} from {venue}",
                    name=self.instrument.name,
                    venue=self.adapter.title,
                ),
                sum(done for done, _ in self._counts),
                sum(total for _, total in self._counts),
            )

        return progress


async def _nothing() -> None:
    return None
