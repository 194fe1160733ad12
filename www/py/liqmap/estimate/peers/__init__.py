"""Published methods of others, to compare with."""
