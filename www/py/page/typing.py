"""What MicroPython lacks of `typing`: type checkers take this name as true, whatever it is."""

TYPE_CHECKING = False
