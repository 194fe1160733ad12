"""liqmap: where leveraged positions are likely to be liquidated.

Beside what stands here, `load` asks a venue, `show` draws, `read_market` and `write_market` keep a
market in a file; each needs an extra of the package, and is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from liqmap.data.market import Instrument, MaintenanceTiers, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import (
    BadResponse,
    InputError,
    LiqmapError,
    NoData,
    NotInstalled,
    NotOffered,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
)
from liqmap.estimate.api import estimate
from liqmap.estimate.density import Density
from liqmap.margin import bankruptcy_price, liquidation_price, tiered_liquidation_price
from liqmap.view import View

if TYPE_CHECKING:
    from liqmap.drawing.figure import figure as figure
    from liqmap.drawing.figure import html as html
    from liqmap.drawing.figure import show as show
    from liqmap.files.markets import read_market as read_market
    from liqmap.files.markets import write_market as write_market
    from liqmap.loading import load as load

__all__ = [
    "BadResponse",
    "Candles",
    "Density",
    "InputError",
    "Instrument",
    "LiqmapError",
    "MaintenanceTiers",
    "Market",
    "NoData",
    "NotInstalled",
    "NotOffered",
    "OpenInterest",
    "RateLimited",
    "Refused",
    "TimedOut",
    "Unreachable",
    "View",
    "bankruptcy_price",
    "estimate",
    "liquidation_price",
    "tiered_liquidation_price",
]

_BEYOND = {
    "load": ("fetch", "liqmap.loading"),
    **dict.fromkeys(("figure", "html", "show"), ("plot", "liqmap.drawing.figure")),
    **dict.fromkeys(("read_market", "write_market"), ("data", "liqmap.files.markets")),
}
"""What needs more than numpy: the extra of the package, and the module."""


def __getattr__(name: str) -> Any:
    """Import what needs more than numpy; raises `NotInstalled` where that is missing."""
    if name not in _BEYOND:
        raise AttributeError(f"module 'liqmap' has no attribute {name!r}")
    extra, module = _BEYOND[name]
    with NotInstalled.unless(extra, f"liqmap.{name}"):
        return getattr(import_module(module), name)


def __dir__() -> list[str]:
    return [*globals(), *_BEYOND]


__version__ = "0.1.0"
