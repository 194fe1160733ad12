"""Numbers about a density: clusters. Pure arithmetic."""
