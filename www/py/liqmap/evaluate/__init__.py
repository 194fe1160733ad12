"""How right an estimate was."""
