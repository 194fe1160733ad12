"""A public record: what was claimed before each day, and what then happened.

DIR/claims/bybit/BTC-USDT-PERP/2026-11-29.parquet    made before that day (UTC) began
DIR/tape/bybit/BTC-USDT-PERP/2026-11-29.csv          liquidations heard (`liqmap.record`)
DIR/outcomes/bybit/BTC-USDT-PERP.parquet             a row a day, never changed
"""
