"""What is assumed about traders, and what nobody may assume."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.errors import InputError
from liqmap.estimate.assumptions import Assumptions


def test_who_has_more_leverage_holds_less() -> None:
    """A fifth at 5×; at 32 times the leverage a quarter of that."""
    leverage = np.array([1.0, 2.0, 5.0, 10.0, 50.0, 160.0])
    rate = Assumptions().hold_rate(leverage)
    assert (np.diff(rate) < 0).all()
    assert rate[2] == pytest.approx(0.2)
    assert rate[3] == pytest.approx(0.2 * 2**-0.4)
    assert rate[5] == pytest.approx(0.2 / 4)
    most = Assumptions(holder_share=1.0).hold_rate(leverage)
    assert most[:3].tolist() == [0.9, 0.9, 0.9]  # nine tenths at most
    np.testing.assert_array_equal(Assumptions(holder_share=0.0).hold_rate(leverage), 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("churn_rate", 1.1),
        ("churn_rate", -0.1),
        ("holder_share", 2.0),
        ("holder_share", np.nan),
        ("holder_exit_ratio", 0.0),
        ("holder_exit_ratio", np.inf),
        ("prior_gain_spread", -1.0),
        ("prior_loss_spread", np.inf),
        ("position_quote", np.nan),
    ],
)
def test_what_nobody_may_assume_is_named(name: str, value: float) -> None:
    with pytest.raises(InputError, match=f"assumptions.{name}: expected"):
        Assumptions(**{name: value})
