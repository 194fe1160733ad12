"""Pyodide's own object."""

class _Heap:
    length: int

class _Module:
    HEAP8: _Heap

_module: _Module
