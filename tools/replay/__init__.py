"""Stand-ins for the exchanges, from a market file: `serve --replay`, and the tests."""

from pathlib import Path

SIMULATED = Path(__file__).with_name("simulated.csv.gz")
"""A market file of a market that never was, made by `simulated_market`."""
