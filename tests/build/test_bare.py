"""What is shipped says the same as the source, line by line, without what is for readers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.build import wheel
from tools.build.bare import bare
from tools.build.console import WWW

PY = WWW / "py"
MODULES = [*wheel.shipped(), *sorted((PY / "page").glob("*.py")), *sorted(PY.glob("*.py"))]


class Silent(ast.NodeTransformer):
    """A tree without texts that are statements."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        value = node.value
        return None if isinstance(value, ast.Constant) and isinstance(value.value, str) else node

    def visit_Pass(self, _node: ast.Pass) -> None:
        return None


def program(source: bytes) -> tuple[str, list[tuple[int, int]]]:
    """What it says, apart from `pass`, and where each statement begins."""
    tree = Silent().visit(ast.parse(source))
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt))
    return ast.dump(tree), [(one.lineno, one.col_offset) for one in statements]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_statement_is_where_it_was(path: Path) -> None:
    source = path.read_bytes()
    assert program(bare(source)) == program(source)
    assert b'"""' not in bare(source)


def test_texts_and_comments_go_and_values_stay() -> None:
    source = (
        b'"""A module."""\n'
        b"\n"
        b'SIGN = "# no comment"  # a comment\n'
        b'"""What it is."""\n'
        b"\n"
        b"class Fault(Exception):\n"
        b'    """A class,\n'
        b"\n"
        b'    of two lines."""\n'
    )
    assert bare(source).decode().splitlines() == [
        *("", "", 'SIGN = "# no comment"', "", ""),
        *("class Fault(Exception):", "    pass", "", ""),
    ]
