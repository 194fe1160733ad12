"""Liquidations of the contracts on screen, in units of the picture."""

from __future__ import annotations

from collections.abc import Mapping

from liqmap.data.market import Instrument
from liqmap.data.symbols import factor_of
from liqmap.feed.recorder import Recorder, heard_only
from liqmap.session.state import Heard, Loaded, Shown


def contracts_of(loaded: Loaded) -> dict[str, Instrument]:
    """The contracts on screen by venue; of a sum also those that only a stream speaks of."""
    contracts = {venue: market.instrument for venue, market in loaded.markets.items()}
    if loaded.view.venue == "all":
        contracts |= heard_only(loaded.leader.instrument.base_coin)
    return contracts


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
        words=tuple(recorder.words(contracts)),
        kept=len(recorder.tape),
        lasting=recorder.archive.lasting,
    )
