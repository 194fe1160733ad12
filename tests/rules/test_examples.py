"""What documents and docstrings show as Python runs, and prints what stands below it."""

from __future__ import annotations

import doctest
import importlib
import io
import re
import shlex
import textwrap
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import build
import liqmap
from tests.conftest import ROOT
from tools.build import wheel

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(
    r"(?:^ *<!-- not run: (?P<why>.+?) -->\n)?"
    r"^(?P<indent> *)```python\n(?P<code>.*?)^ *```\n"
    r"(?:\n^ *```text\n(?P<printed>.*?)^ *```\n)?",
    re.MULTILINE | re.DOTALL,
)
MODULES = [
    ".".join(path.relative_to(wheel.PACKAGE.parent).with_suffix("").parts)
    for path in sorted(wheel.PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text()
]
OFFERED = [name for name in liqmap.__all__ if name not in vars(liqmap.errors)]
CHECKED = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(
    "path", [one for one in DOCUMENTS if CODE.search(one.read_text())], ids=name_of
)
def test_the_python_of_a_document_runs(path: Path) -> None:
    """One block after the other in one namespace; what is printed is the `text` that follows.

    A block that cannot run has `<!-- not run: REASON -->` in the line above it.
    """
    text, namespace = path.read_text(), {"__name__": "document"}
    for found in CODE.finditer(text):
        if found["why"]:
            continue
        line = text.count("\n", 0, found.start("code"))
        code = "\n" * line + textwrap.dedent(found["code"])
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(code, str(path), "exec", dont_inherit=True), namespace)
        if found["printed"] is not None:
            assert printed.getvalue() == textwrap.dedent(found["printed"]), f"{path}:{line}"


def test_a_block_that_does_not_run_says_why() -> None:
    text = "<!-- not run: a fragment -->\n```python\nx\n```\n\n  ```python\n  y\n  ```\n"
    found = [(one["why"], textwrap.dedent(one["code"])) for one in CODE.finditer(text)]
    assert found == [("a fragment", "x\n"), (None, "y\n")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    done = doctest.testmod(importlib.import_module(name), optionflags=CHECKED)
    assert (done.failed, done.attempted > 0) == (0, True)


@pytest.mark.parametrize("name", OFFERED)
def test_what_the_package_offers_has_an_example(name: str) -> None:
    one = getattr(liqmap, name)
    documented = [one, *vars(one).values()] if isinstance(one, type) else [one]
    assert any(">>> " in (getattr(each, "__doc__", None) or "") for each in documented)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_commands_that_documents_name_are_understood(path: Path) -> None:
    parser = build.parser()
    for command in re.findall(r"python3 build\.py( [^`\n#]*)", path.read_text()):
        if "[" not in command and "…" not in command:  # a form of it, not one to type
            parser.parse_args(shlex.split(command))
