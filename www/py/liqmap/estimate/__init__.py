"""From candles and open interest to a density."""
