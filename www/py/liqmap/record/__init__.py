"""Liquidations kept as they happen, in files that survive whatever stops the program."""
