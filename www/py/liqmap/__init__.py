"""liqmap: where leveraged positions are likely to be liquidated."""

from liqmap.data.market import Instrument, MaintenanceTiers, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import (
    BadResponse,
    InputError,
    LiqmapError,
    NoData,
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

__version__ = "0.1.0"
