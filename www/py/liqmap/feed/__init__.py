"""Everything that waits: requests, streams, what is kept."""
