"""Stand-ins for the exchanges, from a market file: `serve --replay`, and the tests."""
