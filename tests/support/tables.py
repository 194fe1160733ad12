"""Rows for every table of the desk that folds on a phone, as a worker would say them."""

from __future__ import annotations

import numpy as np

from liqmap.picture.level_lines import SOURCES
from liqmap.session.desk_messages import Board, BoardRow, Cascade, Levels
from liqmap.session.messages import Clusters, Message
from tests.support.small_picture import STEP

CLUSTERS = Clusters(
    unit="Exposure",
    pain="Max pain: longs at 95.0 ($9M), shorts at 102.0 ($5M)",
    rows=tuple(
        (price, side, amount, "$1M–$9M", away, "untouched 5 h")
        for price, side, amount, away in (
            ("99.0", "long", "$2M", "−1.00%"),
            ("95.0", "long", "$9M", "−5.00%"),
            ("102.0", "short", "$5M", "+2.00%"),
        )
    ),
    waiting=3,
    orders=dict.fromkeys(("distance", "size", "age", "side"), (0, 2, 1)),
    prices=(99.0, 95.0, 102.0),
    sides=("long", "long", "short"),
    bands={name: np.array([1.0, 2, 3]) for name in ("left", "right", "bottom", "top")},
)
_LINE = (0.0, 3 * STEP, 95.0, "long", 0.45, "weak support")
LEVELS = Levels(
    {
        "level_lines": {
            name: np.array([one]) if isinstance(one, float) else [one]
            for name, one in zip(SOURCES["level_lines"], _LINE, strict=True)
        }
    },
    rows=(
        ("All bands", "$3.00M longs", "2", "", "9 of 9\n70–100%", "60%\nof 90"),
        ("94.9–95.1", "$2.00M longs", "1", "weak support", "1 of 2\n9–91%", "60%\nof 90"),
    ),
    proven=(True, False),
    words="Of one day.",
)
PLAYED = Cascade(
    words=("If price falls 10 % to 90.0 (scenario): $2M of longs are forced to sell.",),
    notes=("A bound, not a forecast.",),
    steps=(("1", "90.0", "−10.00%", "$1M", "$0"), ("all", "88.0", "−12.00%", "$1M", "$1M")),
    book_ms=940_000.0,
    shock_rate=-0.1,
    final_rate=-0.12,
    shock_rates=np.array([-0.2, -0.1, 0.1, 0.2]),
    final_rates=np.array([np.nan, -0.12, 0.1, 0.2]),
    low_rates=np.array([-0.2, -0.1, 0.1, 0.2]),
    high_rates=np.array([-0.3, -0.15, 0.1, 0.2]),
)
_CELLS = ("78,706.8", "$74.2M\n+8.26%", "$105M\n−3.35%", "12%\nlongs", "$1.2B")
BOARD = Board(
    (
        BoardRow("bybit:BTC-USDT-PERP", "BTC-USDT", _CELLS, (1, 0.2, 5, 0.1, 0, 1), 0),
        BoardRow("bybit:SOL-USDT-PERP", "SOL-USDT", ("Bybit has no bars.",), (), 0),
        BoardRow("bybit:PEPE-USDT-PERP", "1000PEPE-USDT", _CELLS, (3, 0.1, 4, 0.2, 0, 3), 0),
    ),
    "Bybit: 3 of 3.",
    running=False,
)
TABLES: tuple[Message, ...] = (CLUSTERS, LEVELS, PLAYED, BOARD)
