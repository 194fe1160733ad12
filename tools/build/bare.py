"""Python as it is shipped: what only readers of the source need is left out."""

from __future__ import annotations

import ast
import io
import tokenize
from functools import cache


@cache  # a served site is built again at each load
def bare(source: bytes) -> bytes:
    """The same module without docstrings and comments; every statement keeps its line.

    A traceback of the browser so names the lines of the source.
    """
    lines = source.decode().splitlines()
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    for parent in ast.walk(ast.parse(source)):
        body = getattr(parent, "body", None)
        if isinstance(body, list):
            said = [one for one in body if _is_text(one)]
            for one in said:
                first, last = one.lineno - 1, one.end_lineno or one.lineno
                lines[first:last] = [""] * (last - first)
            if said and len(said) == len(body) and not isinstance(parent, ast.Module):
                lines[said[0].lineno - 1] = " " * said[0].col_offset + "pass"
    return "\n".join([*lines, ""]).encode()


def _is_text(statement: ast.stmt) -> bool:
    """A text that is not used: the docstring of a module, a class, a function, an attribute."""
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Expr) or not isinstance(value, ast.Constant):
        return False
    return isinstance(value.value, str)
