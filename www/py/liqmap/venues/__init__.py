"""Venues: a file an exchange, what the files share, and the registry of all."""
