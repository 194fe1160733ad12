"""Liquidations of the contracts on screen, in units of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from liqmap.data.market import Instrument
from liqmap.data.symbols import factor_of
from liqmap.feed.recorder import Recorder, heard_only
from liqmap.language import say
from liqmap.session.state import Heard, Lent, Loaded, Shown
from liqmap.venues.registry import TITLES


def contracts_of(loaded: Loaded, lent: Lent | None) -> dict[str, Instrument]:
    """The contracts whose liquidations are shown, by venue.

    Those on screen; of a sum also those that only a stream speaks of; of a venue that keeps no
    list also what another one has lent.
    """
    contracts = {venue: market.instrument for venue, market in loaded.markets.items()}
    if loaded.view.venue == "all":
        contracts |= heard_only(loaded.leader.instrument.base_coin)
    elif lent is not None and lent.about == loaded.contract:
        contracts |= lent.contracts
    return contracts


def unread(
    recorder: Recorder, contracts: Mapping[str, Instrument], loaded: Loaded, shown: Shown
) -> Iterator[tuple[str, Instrument, float]]:
    """Note the newest bars; gives contracts whose venue's own list is not read far enough back.

    Each with its venue and the end of the newest bar [ms]. A contract that is not loaded has the
    bars of the first one that is.
    """
    for venue, contract in contracts.items():
        candles = loaded.markets.get(venue, loaded.leader).candles
        opened_ms, end_ms = float(candles.time_ms[-1]), float(candles.end_ms[-1])
        recorder.bar(venue, contract.name, opened_ms, end_ms)
        if recorder.lacks(venue, contract.name, shown.first_ms):
            yield venue, contract, end_ms


def heard(recorder: Recorder, contracts: Mapping[str, Instrument], shown: Shown) -> Heard:
    """The recorder's liquidations of these contracts, from the first loaded bar on."""
    first_ms = min(shown.first_ms, float(shown.leader.candles.time_ms[0]))
    return Heard(
        contracts=contracts,
        seen={
            venue: recorder.of(venue, contract.name, first_ms, shown.end_ms).scaled(
                factor_of(contract.base_coin, shown.coin)
            )
            for venue, contract in contracts.items()
        },
        watched={
            venue: recorder.watched(venue, contract.name) for venue, contract in contracts.items()
        },
        words=(*recorder.words(contracts), *_lent_words(contracts, shown)),
        kept=len(recorder.tape),
        lasting=recorder.archive.lasting,
    )


def lenders(contracts: Mapping[str, Instrument], shown: Shown) -> list[str]:
    """Titles of venues whose lists stand in for one that the venue on screen does not keep."""
    if shown.view.venue == "all" or shown.leader.venue not in contracts:
        return []
    return [TITLES[venue] for venue in contracts if venue in TITLES and venue not in shown.markets]


def _lent_words(contracts: Mapping[str, Instrument], shown: Shown) -> list[str]:
    """Whose past liquidations are shown instead."""
    return [
        say(
            "{venue} keeps no list of past liquidations; that of {lender} stands in.",
            venue=TITLES[shown.leader.venue],
            lender=title,
        )
        for title in lenders(contracts, shown)
    ]
