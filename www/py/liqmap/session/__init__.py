"""A visitor's page: its state, the order of loading and drawing, its messages."""
