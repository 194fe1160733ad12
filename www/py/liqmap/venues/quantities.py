"""What venues publish, in words: of errors, of rows that are left out, of what is not published.

They are marked; whoever says one calls `say` of it.
"""

from __future__ import annotations

from liqmap.language import mark

ACCOUNTS = mark("accounts")
BARS = mark("bars")
BOOK_LEVELS = mark("levels of the order book")
CONTRACTS = mark("contracts")
FUNDING = mark("funding")
FUNDING_HISTORY = mark("history of funding")
FUNDING_RATES = mark("funding rates")
LIQUIDATION_HISTORY = mark("history of liquidations")
LIQUIDATIONS = mark("liquidations")
MAINTENANCE = mark("maintenance margin tiers")
MARGIN_LEVELS = mark("margin levels")
MARGIN_TABLES = mark("margin tables")
MARK_HISTORY = mark("history of mark prices")
MARK_PRICES = mark("mark prices")
MARKET = mark("market")
OPEN_INTEREST = mark("open interest")
OPEN_INTEREST_HISTORY = mark("history of open interest")
OPEN_INTEREST_NOW = mark("open interest now")
OPEN_INTEREST_SAMPLES = mark("samples of open interest")
ORDER_BOOK = mark("order book")
POSITION_TIERS = mark("position tiers")
RATIO = mark("ratio of accounts")
RATIO_HISTORY = mark("ratio of long and short accounts")
RATIOS = mark("ratios of accounts")
RISK_LIMITS = mark("risk limits")
TICKER = mark("ticker")
TRADES = mark("trades")
TRADES_NOW = mark("recent trades")
