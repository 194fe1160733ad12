"""What is said of a typed name, number or address, and of odd data, in another language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from liqmap.data.market import Instrument
from liqmap.data.numbers import typed_number
from liqmap.data.plausible import plausible
from liqmap.data.positions import MOST_ACCOUNTS, typed_addresses
from liqmap.data.search import label
from liqmap.data.series import OpenInterest
from liqmap.data.symbols import canonical_name, find_instrument
from liqmap.errors import LiqmapError
from tests.support.markets import market
from tests.support.pseudo import english_in, pseudo

BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT", volume_24h_quote=1e9)
TYPED: dict[str, Callable[[], object]] = {
    "no name": lambda: canonical_name("///"),
    "too long a name": lambda: canonical_name("A" * 200),
    "no number": lambda: typed_number("TWO"),
    "too large a number": lambda: typed_number("1e999"),
    "not listed": lambda: find_instrument((BTC,), "SOL-EUR-PERP"),
    "nearly": lambda: find_instrument(
        (BTC, replace(BTC, name="BTC-USDC-PERP", native="BTC")), "BTC-EUR-PERP"
    ),
}


@pytest.mark.parametrize("case", TYPED)
def test_what_is_wrong_with_a_typed_text(case: str) -> None:
    with pseudo(), pytest.raises(LiqmapError) as caught:
        TYPED[case]()
    assert "⟦" in caught.value.sentence
    names = ("BTC-USDT-PERP", "BTC-USDC-PERP", "BTC-EUR-PERP", "SOL-EUR-PERP")
    assert english_in(str(caught.value), *names) == []


@pytest.mark.parametrize("typed", ["ME", "ME YOU", "ME YOU THEM US ALL"])
def test_what_is_no_address(typed: str) -> None:
    with pseudo():
        _, said = typed_addresses(typed)
    assert "⟦" in said
    assert english_in(said, *typed.split()) == []


def test_too_many_addresses() -> None:
    with pseudo():
        _, said = typed_addresses(" ".join(f"0x{n:040x}" for n in range(MOST_ACCOUNTS + 1)))
    assert "⟦" in said
    assert english_in(said) == []


@pytest.mark.parametrize("kind", ["linear", "inverse"])
def test_a_contract_of_the_list(kind: str) -> None:
    with pseudo():
        said = label(replace(BTC, kind=kind))  # type: ignore[arg-type]
    assert said.count("⟦") == 2
    assert english_in(said, "BTC", "USDT") == []


def test_samples_that_cannot_be() -> None:
    one = market()
    held = np.full(len(one.candles), 100.0)
    held[3] = 0.0
    odd = replace(one, open_interest=OpenInterest(one.candles.time_ms, held))
    with pseudo():
        (said,) = plausible(odd).notices
    assert "⟦" in said
    assert english_in(said) == []
