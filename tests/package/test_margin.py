"""Liquidation and bankruptcy prices: by hand, by law, and against published examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap

PUBLISHED: dict[str, Any] = json.loads(
    Path(__file__).with_name("liquidation_prices.json").read_text("utf-8")
)

entries = st.floats(1e-3, 1e6)
leverages = st.floats(1.1, 125.0)
sides = st.sampled_from([1, -1])
parts = st.floats(0.01, 0.9)


def test_by_hand() -> None:
    """10× at 100, 0.5 %: 100 · 0.9 / 0.995, and 100 · 1.1 / 1.005."""
    assert liqmap.liquidation_price(100.0, 10.0, 1, 0.005) == pytest.approx(90.45226130653266)
    assert liqmap.liquidation_price(100.0, 10.0, -1, 0.005) == pytest.approx(109.45273631840797)
    assert liqmap.liquidation_price(100.0, 10.0, 1, 0.005, rule="entry") == pytest.approx(90.5)
    assert liqmap.bankruptcy_price(100.0, 10.0, 1) == pytest.approx(90.0)
    assert liqmap.bankruptcy_price(100.0, 10.0, -1) == pytest.approx(110.0)


@given(entries, leverages, sides, parts)
def test_liquidation_lies_between_bankruptcy_and_entry(
    entry: float, leverage: float, position_side: int, part: float
) -> None:
    rate = part / leverage
    bankrupt = liqmap.bankruptcy_price(entry, leverage, position_side)
    liquidated = liqmap.liquidation_price(entry, leverage, position_side, rate)
    assert position_side * bankrupt <= position_side * liquidated <= position_side * entry


@given(entries, leverages, sides, parts)
def test_there_the_margin_is_the_maintenance_margin(
    entry: float, leverage: float, position_side: int, part: float
) -> None:
    rate = part / leverage
    price = liqmap.liquidation_price(entry, leverage, position_side, rate)
    margin = entry / leverage + position_side * (price - entry)
    assert margin == pytest.approx(rate * price, rel=1e-9, abs=1e-9 * entry)


@given(entries, leverages, sides, parts)
def test_an_inverse_contract_is_a_linear_one_in_the_reciprocal(
    entry: float, leverage: float, position_side: int, part: float
) -> None:
    rate = part / leverage
    inverse = liqmap.liquidation_price(entry, leverage, position_side, rate, kind="inverse")
    linear = liqmap.liquidation_price(1 / entry, leverage, -position_side, rate)
    np.testing.assert_allclose(inverse, 1 / linear, rtol=1e-12)


@pytest.mark.parametrize(
    ("leverage", "rate"), [(0.0, 0.01), (-3.0, 0.01), (100.0, 0.01), (np.nan, 0.01), (10.0, np.inf)]
)
def test_the_impossible_is_refused(leverage: float, rate: float) -> None:
    with pytest.raises(liqmap.InputError):
        liqmap.liquidation_price(100.0, leverage, 1, rate)


@pytest.mark.parametrize("example", PUBLISHED["examples"], ids=lambda example: example["id"])
def test_published_examples(example: dict[str, Any]) -> None:
    entry, quantity = example["entry_price"], example["quantity_base"]
    leverage = example.get("leverage") or quantity * entry / example["margin_quote"]
    price = liqmap.liquidation_price(
        entry,
        leverage,
        example["position_side"],
        example.get("maintenance_rate") or 1 / (2 * example["max_leverage"]),
        quantity_base=quantity,
        fee_rate=example.get("fee_rate", 0.0),
        deduction_quote=example.get("deduction_quote", 0.0),
        rule=example["rule"],
    )
    assert price == pytest.approx(example["liquidation_price"], abs=example["tolerance"])


def test_every_exchange_with_a_rule_of_its_own_has_examples() -> None:
    found = {(example["id"].split("-")[0], example["rule"]) for example in PUBLISHED["examples"]}
    assert found == {
        ("binance", "exact"),
        ("gate", "exact"),
        ("bybit", "entry"),
        ("hyperliquid", "exact"),
    }
    assert len(PUBLISHED["examples"]) == 19
