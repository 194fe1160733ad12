"""liqmap: where leveraged positions are likely to be liquidated."""

__version__ = "0.1.0"
