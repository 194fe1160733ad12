"""Numbers about a density: clusters, the situation, the cascade. Pure arithmetic."""
