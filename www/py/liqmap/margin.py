"""The arithmetic of isolated margin: where a position is liquidated, where it is bankrupt.

Per unit of base, a position of side `s` entered at `E` with leverage `L` has the margin
``E/L + s·(P − E)`` at price `P`. Bankruptcy is where that is nothing, liquidation where it
is the maintenance margin. An inverse contract is a linear one in 1/price, sides swapped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from liqmap.data.market import Kind, MaintenanceTiers, Rule
from liqmap.data.series import Array
from liqmap.errors import InputError


def liquidation_price(
    entry_price: ArrayLike,
    leverage: ArrayLike,
    position_side: ArrayLike,
    maintenance_rate: ArrayLike,
    *,
    fee_rate: ArrayLike = 0.0,
    deduction_quote: ArrayLike = 0.0,
    quantity_base: ArrayLike = 1.0,
    kind: Kind = "linear",
    rule: Rule = "exact",
) -> Array:
    """Price at which an isolated position's margin equals its maintenance margin.

    Parameters
    ----------
    entry_price : array_like
        [quote/base], positive. All arguments broadcast.
    leverage : array_like
        Entry notional over margin, positive; added margin lowers it.
    position_side : array_like
        +1 long, −1 short.
    maintenance_rate : array_like
        Fraction of the notional.
    fee_rate : array_like
        Fee of the closing order where the venue counts it, fraction of the notional.
    deduction_quote : array_like
        The tier's maintenance amount (Binance "cum", Bybit "mmDeduction") [quote]; for an
        inverse contract in its own coin.
    quantity_base : array_like
        The size that deduction belongs to [base]; for an inverse contract [quote].
    kind : "linear" or "inverse"
    rule : "exact" or "entry"
        Maintenance on the notional at the liquidation price (Binance, OKX, Gate,
        Hyperliquid) or at entry (Bybit).

    Returns
    -------
    float64 array of the broadcast shape
        [quote/base]. A long that no price can liquidate (1×) gives 0, an inverse short
        infinity.

    Raises
    ------
    InputError
        For what no position can have: not finite, leverage ≤ 0, or a maintenance rate that
        reaches 1 / leverage (liquidated on entry).

    Notes
    -----
    exact: ``(E·(1 − s/L) − s·A/q) / (1 − s·(m + f))``, Binance USD-M FAQ "How to Calculate
    Liquidation Price"; with f Gate and OKX. entry: ``E·(1 − s/L + s·(m + f)) − s·A/q``,
    Bybit help centre, isolated margin.

    Examples
    --------
    >>> float(liquidation_price(100.0, 10.0, +1, 0.005))
    90.45226130653266
    """
    entry, gearing, side = _position(entry_price, leverage, position_side, kind)
    rate = _numbers("maintenance_rate", maintenance_rate, 0.0)
    rate = rate + _numbers("fee_rate", fee_rate, 0.0)
    quantity = _numbers("quantity_base", quantity_base, 0.0, open_end=True)
    deduction = _numbers("deduction_quote", deduction_quote, 0.0) / quantity
    if rule not in ("exact", "entry"):
        raise InputError(f"rule: expected 'exact' or 'entry', was {rule!r}.")
    if np.any(rate - deduction / entry >= 1.0 / gearing):
        raise InputError(
            "maintenance_rate: reaches 1 / leverage, so the position would be liquidated on entry.",
            hint="Lower the leverage, or take the rate of a smaller tier.",
        )
    return _back(_solve(entry, gearing, side, rate, deduction, rule), kind)


def bankruptcy_price(
    entry_price: ArrayLike,
    leverage: ArrayLike,
    position_side: ArrayLike,
    *,
    kind: Kind = "linear",
) -> Array:
    """Price at which an isolated position's margin is gone.

    Parameters, result and errors as for `liquidation_price`.

    Examples
    --------
    >>> float(bankruptcy_price(100.0, 10.0, -1))
    110.00000000000001
    """
    entry, gearing, side = _position(entry_price, leverage, position_side, kind)
    return _back(_solve(entry, gearing, side, np.zeros(()), np.zeros(()), "exact"), kind)


def tiered_liquidation_price(
    entry_price: ArrayLike,
    leverage: ArrayLike,
    position_side: ArrayLike,
    quantity_base: ArrayLike,
    tiers: MaintenanceTiers,
    *,
    fee_rate: ArrayLike = 0.0,
) -> Array:
    """Liquidation price of a linear position whose rate depends on its notional.

    The tier is that of the notional at the liquidation price itself (rule "exact") or at
    entry (rule "entry").

    Parameters
    ----------
    quantity_base : array_like
        [base]
    tiers : MaintenanceTiers
    others
        As for `liquidation_price`; all broadcast.

    Returns
    -------
    float64 array of the broadcast shape
        [quote/base]

    Raises
    ------
    InputError
        As for `liquidation_price`.

    Notes
    -----
    With a venue's own deductions the maintenance margin is continuous in the notional, so
    exactly one tier agrees with its own price. Where rounded deductions leave two, the
    lower is taken; where they leave none, the tier at entry.

    Examples
    --------
    >>> tiers = MaintenanceTiers([50_000, np.inf], [0.004, 0.005], [0, 50])
    >>> tiered_liquidation_price(100.0, 10.0, +1, [100, 1000], tiers).round(3).tolist()
    [90.361, 90.402]
    """
    entry = _numbers("entry_price", entry_price, 0.0, open_end=True)
    gearing = _numbers("leverage", leverage, 0.0, open_end=True)
    side = _sides(position_side)
    quantity = _numbers("quantity_base", quantity_base, 0.0, open_end=True)
    fee = _numbers("fee_rate", fee_rate, 0.0)
    entry, gearing, side, quantity, fee = np.broadcast_arrays(entry, gearing, side, quantity, fee)
    cap = tiers.notional_cap_quote
    last = cap.size - 1
    tier = np.minimum(np.searchsorted(cap, quantity * entry), last)
    if tiers.rule == "exact":
        trial = _solve(
            entry[..., None],
            gearing[..., None],
            side[..., None],
            tiers.maintenance_rate + fee[..., None],
            tiers.deduction_quote / quantity[..., None],
            "exact",
        )
        found = np.minimum(np.searchsorted(cap, quantity[..., None] * trial), last)
        agrees = found == np.arange(cap.size)
        tier = np.where(agrees.any(axis=-1), agrees.argmax(axis=-1), tier)
    return liquidation_price(
        entry,
        gearing,
        side,
        tiers.maintenance_rate[tier],
        fee_rate=fee,
        deduction_quote=tiers.deduction_quote[tier],
        quantity_base=quantity,
        rule=tiers.rule,
    )


def _solve(
    entry: Array, gearing: Array, side: Array, rate: Array, deduction: Array, rule: Rule
) -> Array:
    if rule == "exact":
        return (entry * (1 - side / gearing) - side * deduction) / (1 - side * rate)
    return entry * (1 - side / gearing + side * rate) - side * deduction


def _position(
    entry_price: ArrayLike, leverage: ArrayLike, position_side: ArrayLike, kind: Kind
) -> tuple[Array, Array, Array]:
    """Checked; an inverse contract as the linear one it mirrors."""
    entry = _numbers("entry_price", entry_price, 0.0, open_end=True)
    gearing = _numbers("leverage", leverage, 0.0, open_end=True)
    side = _sides(position_side)
    if kind not in ("linear", "inverse"):
        raise InputError(f"kind: expected 'linear' or 'inverse', was {kind!r}.")
    return (entry, gearing, side) if kind == "linear" else (1.0 / entry, gearing, -side)


def _back(price: Array, kind: Kind) -> Array:
    price = np.maximum(price, 0.0)
    if kind == "linear":
        return price
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / price)


def _sides(position_side: ArrayLike) -> Array:
    side = np.asarray(position_side, dtype=np.float64)
    if np.any(np.abs(side) != 1):
        raise InputError("position_side: expected +1 (long) or -1 (short).")
    return side


def _numbers(name: str, values: ArrayLike, lowest: float, *, open_end: bool = False) -> Array:
    numbers = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise InputError(f"{name}: not a finite number.")
    if (numbers <= lowest).any() if open_end else (numbers < lowest).any():
        raise InputError(f"{name}: expected {'more than' if open_end else 'at least'} {lowest:g}.")
    return numbers
