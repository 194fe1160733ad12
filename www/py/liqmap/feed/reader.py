"""Reading the series of one contract from its venue: what to ask, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import LiqmapError, NoData
from liqmap.feed.client import Client, Progress, together
from liqmap.venues.adapter import Adapter, Conversation, Series

T = TypeVar("T")
Say = Callable[[str, int, int], None]
"""`say(sentence, done, total)`: what is being read, in requests."""

BEFORE_STEP_MS = 3_600_000
"""Length of the longer bars before the first candle."""
_DAY_MS = 86_400_000.0


@dataclass(slots=True)
class Reader:
    """Reads the series of one contract; what cannot be read is a note, not a failure."""

    client: Client
    instrument: Instrument
    step_ms: int
    say: Say
    has_history: bool = True
    _notes: dict[str, None] = field(default_factory=dict)
    _counts: list[tuple[int, int]] = field(default_factory=list)

    @property
    def adapter(self) -> Adapter:
        return self.client.adapter

    async def newest(self) -> Candles:
        return await self._converse(self.adapter.candles(self.instrument, self.step_ms))

    async def maintenance(self) -> Any:
        return await self._optional(
            "maintenance",
            "maintenance margin tiers",
            "a standard rate is assumed",
            self.adapter.maintenance(self.instrument),
        )

    async def mark(self, start_ms: float, end_ms: float) -> Any:
        return await self._optional(
            "mark",
            "mark prices",
            "traded prices stand in for them",
            self.adapter.mark(self.instrument, self.step_ms, start_ms, end_ms),
        )

    async def open_interest(self, start_ms: float, end_ms: float) -> OpenInterest:
        """History where there is one, else the present value for the whole time."""
        found: OpenInterest | None = await self._optional(
            "open_interest",
            "history of open interest",
            "its present value stands for the whole time",
            self.adapter.open_interest(self.instrument, self.step_ms, start_ms, end_ms),
        )
        if found is None:
            self.has_history = False
            now = await self._converse(self.adapter.snapshot(self.instrument))
            found = OpenInterest(np.array([start_ms]), np.array([now.open_interest_base]))
        return found

    async def samples(self, start_ms: float, end_ms: float) -> OpenInterest | None:
        """Open interest since; of now where it has no history; None when it fails."""
        adapter, one = self.adapter, self.instrument
        try:
            if "open_interest" in adapter.offers:
                return await self._converse(
                    adapter.open_interest(one, self.step_ms, start_ms, end_ms)
                )
            now = await self._converse(adapter.snapshot(one))
        except LiqmapError:
            return None
        # Taken within the newest bar: it belongs to that bar's end and to none before.
        return OpenInterest(np.array([end_ms - 1]), np.array([now.open_interest_base]))

    async def marks(self, known: Candles | None, start_ms: float, end_ms: float) -> Candles | None:
        """Mark prices known and since; None when there are none or it fails."""
        if known is None:
            return None
        talk = self.adapter.mark(self.instrument, self.step_ms, start_ms, end_ms)
        try:
            newest = await self._converse(talk)
        except LiqmapError:
            return None
        return Candles.joined(known.rows(known.time_ms < newest.time_ms[0]), newest)

    async def behind(
        self, start_ms: float, first_ms: float, end_ms: float
    ) -> tuple[Candles, OpenInterest | None, Candles | None] | None:
        """What lies before the newest page; None when there is nothing."""
        if start_ms >= first_ms:
            return None
        adapter, one, step_ms = self.adapter, self.instrument, self.step_ms
        depth = adapter.offers.get("open_interest")
        samples_ms = max(start_ms, end_ms - depth.reach_ms(step_ms)) if depth else first_ms
        work: list[Conversation[Any]] = [adapter.candles(one, step_ms, start_ms, first_ms)]
        work.append(adapter.open_interest(one, step_ms, samples_ms, first_ms - 1))
        work.append(adapter.mark(one, step_ms, start_ms, first_ms))
        wanted = (True, samples_ms < first_ms, "mark" in adapter.offers)
        candles, samples, marks = await together(
            self._older(talk) if wish else _nothing()
            for talk, wish in zip(work, wanted, strict=True)
        )
        return None if candles is None else (candles, samples, marks)

    async def before(self, market: Market, before_ms: float) -> Market:
        """The market with an hour a bar before its first candle; what fails changes nothing."""
        adapter, one, step_ms = self.adapter, self.instrument, BEFORE_STEP_MS
        if step_ms not in adapter.steps_ms or step_ms <= self.step_ms:
            return market
        end_ms = float(market.candles.time_ms[0]) // step_ms * step_ms
        now_ms = float(market.candles.end_ms[-1])
        oldest_ms = now_ms - adapter.offers["candles"].reach_ms(step_ms)
        start_ms = max(end_ms - before_ms, oldest_ms)
        try:
            bars = await self._converse(adapter.candles(one, step_ms, start_ms, end_ms))
        except LiqmapError:
            return market
        samples = market.open_interest
        if self.has_history:
            oldest_ms = now_ms - adapter.offers["open_interest"].reach_ms(step_ms)
            talk = adapter.open_interest(one, step_ms, max(start_ms, oldest_ms), end_ms)
            with suppress(LiqmapError):
                samples = OpenInterest.joined(await self._converse(talk), samples)
        return replace(market, before=bars, open_interest=samples)

    async def _older(self, conversation: Conversation[T]) -> T | None:
        try:
            return await self._converse(conversation)
        except NoData:
            return None
        except LiqmapError as error:
            self.note(f"Part of the history is missing: {error.sentence}")
            return None

    async def _optional(
        self, series: Series, what: str, instead: str, conversation: Conversation[T]
    ) -> T | None:
        if series not in self.adapter.offers:
            conversation.close()
            self.note(f"{self.adapter.title} publishes no {what}: {instead}.")
            return None
        try:
            return await self._converse(conversation)
        except LiqmapError as error:
            self.note(f"No {what} ({error.sentence.rstrip('.')}): {instead}.")
            return None

    async def _converse(self, conversation: Conversation[T]) -> T:
        return await self.client.converse(conversation, self._progress())

    def _progress(self) -> Progress:
        row = len(self._counts)
        self._counts.append((0, 0))

        def progress(done: int, total: int) -> None:
            self._counts[row] = (done, total)
            self.say(
                f"Reading {self.instrument.name} from {self.adapter.title}",
                sum(done for done, _ in self._counts),
                sum(total for _, total in self._counts),
            )

        return progress

    def note(self, sentence: str) -> None:
        self._notes[sentence] = None

    def notices(self, market: Market) -> tuple[str, ...]:
        """All notes, and what the market itself lacks."""
        candles, samples = market.candles, market.open_interest
        lacking = []
        expected = round((candles.end_ms[-1] - candles.time_ms[0]) / candles.step_ms)
        if missing := expected - len(candles):
            lacking.append(f"{missing} of {expected} bars are missing and stay gaps.")
        late_ms = samples.time_ms[0] - candles.end_ms[0]
        if self.has_history and late_ms > max(candles.step_ms, 3_600_000.0):
            lacking.append(
                f"Open interest begins {_instant(float(samples.time_ms[0]))}: "
                "before, its first value is used."
            )
        return (*self._notes, *lacking)


async def _nothing() -> None:
    return None


def silent(_sentence: str, _done: int, _total: int) -> None:
    """Tell nobody what is being read."""


def span(length_ms: float) -> str:
    """`7 days`, `36 hours`."""
    days = length_ms / _DAY_MS
    return f"{days:.0f} days" if days >= 2 else f"{24 * days:.0f} hours"


def _instant(instant_ms: float) -> str:
    return f"{datetime.fromtimestamp(instant_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
