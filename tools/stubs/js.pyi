"""The browser, as Pyodide and MicroPython show it: nothing about it is known to a type checker."""

from typing import Any

def __getattr__(name: str) -> Any: ...
