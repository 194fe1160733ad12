"""What a density says, in numbers: pure arithmetic."""
