"""Numbers about a density: clusters, the situation. Pure arithmetic."""
