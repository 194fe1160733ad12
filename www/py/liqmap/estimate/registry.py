"""The models, one line each: the form, links, titles and documents come from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from liqmap.estimate.balance import model as balance
from liqmap.estimate.inputs import Estimator
from liqmap.estimate.leverage import Mix
from liqmap.estimate.peers import survivor, turnover
from liqmap.language import mark


class Model(NamedTuple):
    """An estimator and what it is called.

    `published` gives the mix that a method comes with, by length of the bars [ms].
    """

    title: str
    estimate: Estimator
    published: Callable[[float], Mix] | None = None


MODELS: dict[str, Model] = {
    "balance": Model(mark("Balance"), balance.estimate),
    "turnover": Model(mark("Turnover"), turnover.estimate, turnover.published),
    "survivor": Model(mark("Survivor"), survivor.estimate, survivor.published),
}
"""By name in links; the first is ours and the default."""
