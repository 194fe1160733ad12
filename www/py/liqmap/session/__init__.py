"""One visitor's page: state, the order of things, messages."""
