"""The columns that flow between rooms, and what they are columns of."""
