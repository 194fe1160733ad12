"""What the colours of the picture are, in sentences."""

from __future__ import annotations

from liqmap.evaluate.realised_share import Share, Shares
from liqmap.language import mark, say
from liqmap.view import LEVERAGES, MODELS, View
from liqmap.words import digits_of, percent

_SIDES = {"long": mark("longs"), "short": mark("shorts")}
_BANDS = {
    "live": mark("what the price has not reached since"),
    "cleared": mark("what the price has reached since"),
}


def what(view: View, shares: Shares | None, unit: str, other: str, row_rate: float) -> str:
    """The sentences that say what the colours are, and how much of the price a row has.

    `unit` is the name of the amounts, `other` the title of a model that is compared with,
    `row_rate` the part of the price.
    """
    slots = {
        "model": say(MODELS[view.model]),
        "other": other,
        "unit": unit,
        "row": percent(row_rate, digits_of(100 * row_rate, 2)),
    }
    said = [_only(view)]
    if other and view.comparison == "side":
        said.append(
            say(
                "{model} at the left, {other} at the right, each coloured by its own amounts: "
                "estimated {unit} in USD; each row: {row} of price. Legend, map, sums and table "
                "are {model}'s. Nothing of it has happened.",
                **slots,
            )
        )
    elif other:
        said.append(
            say(
                "{model} minus {other}: estimated {unit} in USD; each row: {row} of price. Orange "
                "where {model} sees more, blue where it sees less. Map, sums and table are "
                "{model}'s own. Nothing of it has happened.",
                **slots,
            )
        )
    else:
        if view.model != "balance":
            said.insert(0, say("By the model {model}.", **slots))
        said.append(_amounts(shares, slots["row"]))
    return " ".join(one for one in said if one)


def _only(view: View) -> str:
    """Which part of the estimate is shown; empty where all of it is."""
    only = [] if view.positions == "both" else [say(_SIDES[view.positions])]
    only += [] if view.bands == "both" else [say(_BANDS[view.bands])]
    only += [" ".join(LEVERAGES[one] for one in view.leverages)] if view.leverages else []
    return say("Only {parts}.", parts=", ".join(only)) if only else ""


def _amounts(shares: Shares | None, row: str) -> str:
    """What the amounts of a single model are."""
    if shares is None:
        return say(
            "Exposure: estimated open positions at the price that would liquidate them, in USD; "
            "each row: {row} of price. Not liquidations: these have not happened.",
            row=row,
        )
    if shares.whose == "all_exchanges":
        return say(
            "Expected liquidations as reported by all exchanges, if price goes there, in USD; each "
            "row: {row} of price: estimated exposure × what all exchanges report, {shares}. Of all "
            "reports, the part that belongs to the open interest shown. These have not happened.",
            row=row,
            shares=_said(shares),
        )
    return say(
        "Expected liquidations of this venue, which reports all of them, if price goes there, in "
        "USD; each row: {row} of price: estimated exposure × the share that is really liquidated, "
        "{shares}. These have not happened.",
        row=row,
        shares=_said(shares),
    )


def _said(shares: Shares) -> str:
    """`1.5% of longs (0.5% to 4.5%) and 1.0% of shorts (0.3% to 3.0%), assumed`."""
    long = say("{share} of longs ({low} to {high})", **_interval(shares.long))
    short = say("{share} of shorts ({low} to {high})", **_interval(shares.short))
    slots = {"long": long, "short": short, "source": shares.long.source}
    if shares.long.source == shares.short.source:
        return say("{long} and {short}, {source}", **slots)
    other = shares.short.source
    return say("{long}, {source}, and {short}, {other}", **slots, other=other)


def _interval(share: Share) -> dict[str, str]:
    """A share and its interval, in words."""
    found = {"share": share.value, "low": share.low, "high": share.high}
    return {name: percent(rate, 1) for name, rate in found.items()}
