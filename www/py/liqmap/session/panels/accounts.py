"""Real positions of known accounts, as lines on the picture."""

from __future__ import annotations

from liqmap.data.symbols import factor_of
from liqmap.feed.accounts import AccountsFound, Holdings
from liqmap.language import say
from liqmap.picture.account_lines import SOURCES, AccountLines, layer, sentence
from liqmap.session.panels.panel import Panel
from liqmap.session.state import Shown, State

_NOBODY = object()
_NOTHING: dict[str, list[float]] = {name: [] for name in SOURCES["accounts"]}


class AccountsPanel(Panel):
    """Lines and a sentence; after a failure, lines already drawn stay."""

    def __init__(self) -> None:
        super().__init__()
        self._said = _NOBODY

    def about(self, state: State) -> object:
        return state.accounts or _NOBODY

    def message(self, state: State) -> AccountLines:
        if state.accounts is None:
            return AccountLines(sources={"accounts": _NOTHING}, words="")
        assert state.shown is not None
        found = state.accounts
        if found.holdings is None:
            words = say("Real positions: {trouble}", trouble=found.trouble)
            return AccountLines(sources={}, words=_said(words, found))
        return _drawn(found.holdings, found, state.shown)


def _drawn(holdings: Holdings, found: AccountsFound, shown: Shown) -> AccountLines:
    instrument = holdings.instrument
    columns = layer(
        holdings.positions.scaled(factor_of(instrument.base_coin, shown.coin)),
        instrument,
        shown.density.time_edges_ms,
        shown.density.price_edges,
        side=found.position_side,
    )
    words = sentence(
        holdings.positions,
        holdings.open_interest_base,
        asked=holdings.asked,
        shown=len(columns["y"]),
        venue=holdings.title,
    )
    return AccountLines(sources={"accounts": columns}, words=_said(words, found))


def _said(words: str, found: AccountsFound) -> str:
    return f"{words} {found.complaint}".strip()
