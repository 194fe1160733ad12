"""Which room may import which: one direction, from the vocabulary to the screen.

`MAY` is the whole rule. A room is a folder of the package or a module of its top level, and
what of a folder stands above the rest of it (docs/decisions/layers.md); what is not written here is
forbidden, and what is written and not used is deleted.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from liqmap.session.messages import Message
from tests.conftest import ROOT
from tools.build import site

PY = ROOT / "www" / "py"
PACKAGE = PY / "liqmap"

MAY: dict[str, str] = {
    "language": "",
    "errors": "language",
    "words": "language",
    "data": "errors language words",
    "margin": "errors data",
    "simulation": "data margin",
    "estimate": "errors language data margin",
    "venues": "errors language words data",
    "evaluate": "errors language words data estimate",
    "analysis": "data margin estimate",
    "picture.palettes": "language",
    "link": "errors language data",
    "view": "link errors language data estimate venues picture.palettes",
    "picture": "language words data view estimate evaluate analysis picture.palettes",
    "feed": "errors language words data view venues",
    "browser": "errors language venues",
    "session": "errors language words data view estimate venues evaluate analysis picture feed",
    "catalogue": "data venues picture.palettes view picture",
    "example": "data simulation estimate picture view session",
    "drawing": "errors data estimate venues view words picture picture.palettes session",
    "fetching": "errors venues",
    "preview": "data simulation venues errors view words picture picture.palettes feed session"
    " example drawing fetching",
    "files": "errors data estimate",
    "loading": "errors data venues feed fetching",
    "record": "errors data venues feed fetching loading",
    "__init__": "errors data view margin estimate files loading drawing",
    "accuracy": "errors words data venues evaluate picture feed session"
    " files loading record __init__",
    "batch": "errors data estimate evaluate analysis files __init__",
    "cli": "errors words data simulation estimate venues evaluate analysis view picture session"
    " files loading drawing record accuracy batch __init__",
    "__main__": "cli",
    "reference": "view estimate venues session cli",
}
"""What of liqmap each room may import, beside itself."""

ASIDE = {
    ("venues.aster", "venues.binance"),
    ("venues.okx", "venues.okx_liquidations"),
}
"""An exchange that another is made of, as Aster serves Binance's API, or the second file of one."""

OUTSIDE: dict[str, str] = {
    "browser": "js pyodide pyodide_js",
    "picture.document": "bokeh",
    "picture.charts": "bokeh",
    "reference": "click",
    "fetching": "aiohttp",
    "drawing.figure": "bokeh IPython",
    "drawing.image": "PIL",
    **dict.fromkeys(
        ("cli.app", "cli.estimates", "cli.exports", "cli.fetches", "cli.output", "cli.records"),
        "click",
    ),
    **dict.fromkeys(
        ("cli.accuracies", "cli.batches", "cli.scenarios", "cli.scores", "cli.sources"), "click"
    ),
    "files.table": "fsspec pyarrow",
    "batch.inputs": "fsspec",
    "batch.results": "fsspec",
    "batch.runner": "distributed",
    "batch.clusters": "dask distributed",
}
"""What else a module may import, beside the standard library and numpy."""

PAGE = "pyscript page liqmap.language liqmap.words"
"""What the page, which runs in MicroPython, may import."""


def name_of(path: Path) -> str:
    """liqmap/venues/okx.py is `venues.okx`, liqmap/venues/__init__.py `venues`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
SCRIPTS = [PY / "main.py", *sorted((PY / "page").glob("*.py"))]


def top(name: str) -> str:
    return name.partition(".")[0]


def room(name: str) -> str:
    """The longest beginning of the name that the rule knows."""
    return name if name in MAY else top(name)


def imported(source: str) -> Iterator[str]:
    """Dotted names of everything a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            assert node.module
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                # `from liqmap.venues import parse` imports a module, not a name of one.
                yield name if name.removeprefix("liqmap.") in MODULES else node.module


def ours(source: str) -> set[str]:
    """What of the package it imports."""
    names = {name for name in imported(source) if top(name) == "liqmap"}
    return {name.partition(".")[2] or "__init__" for name in names}


def broken(name: str, source: str) -> list[str]:
    """What this module imports against the rule."""
    wrong = []
    for other in ours(source):
        if room(other) == room(name):
            apart = room(name) == "venues" and {name, other} <= EXCHANGES
            if apart and (name, other) not in ASIDE:
                wrong.append(f"{name} imports {other}: an exchange knows no other")
        elif room(other) not in MAY[room(name)].split():
            wrong.append(f"{name} imports {other}")
    for dotted in set(imported(source)):
        allowed = {"liqmap", "numpy", *OUTSIDE.get(name, "").split()}
        if top(dotted) not in {*sys.stdlib_module_names, *allowed}:
            wrong.append(f"{name} imports {dotted}")
    return wrong


EXCHANGES = {
    name
    for name in MODULES
    if re.search(r"^class \w+\((Adapter|Stream|Binance)\):", MODULES[name].read_text(), re.M)
    and name != "venues.adapter"
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_what_its_room_may(name: str) -> None:
    assert broken(name, MODULES[name].read_text()) == []


def test_every_allowance_is_used() -> None:
    """Whoever takes the last import of a room away takes its permission away, too."""
    used: dict[str, set[str]] = {one: set() for one in MAY}
    aside, outside = set(), set()
    for name, path in MODULES.items():
        source = path.read_text()
        used[room(name)] |= {room(other) for other in ours(source)} - {room(name)}
        aside |= {(name, other) for other in ours(source)} & ASIDE
        outside |= {(name, top(dotted)) for dotted in imported(source)}
    assert used == {one: set(others.split()) for one, others in MAY.items()}
    assert aside == ASIDE
    for name, others in OUTSIDE.items():
        assert {(name, other) for other in others.split()} <= outside


def test_rooms_have_one_direction() -> None:
    """Each room imports only from rooms that stand above it in the rule."""
    above: list[str] = []
    for one, others in MAY.items():
        assert set(others.split()) <= set(above), one
        above.append(one)


def test_modules_have_one_direction() -> None:
    """Within a room, too, following imports never leads back."""
    edges = {name: ours(path.read_text()) for name, path in MODULES.items()}
    done: set[str] = set()

    def follow(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join([*way, name])
        if name not in done:
            for other in edges.get(name, ()):
                follow(other, (*way, name))
            done.add(name)

    for name in edges:
        follow(name, ())


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("venues.bybit", "import js"),
        ("venues.bybit", "from liqmap.venues.okx import Okx"),
        ("venues.bybit", "from liqmap.estimate.balance import model"),
        ("estimate.balance.model", "from liqmap.venues.adapter import Request"),
        ("picture.heatmap", "def f():\n    from bokeh.models import Range1d"),
        ("feed.client", "from pyodide.ffi import to_js"),
        ("feed.loader", "from liqmap.picture import heatmap"),
        ("errors", "from liqmap.data.series import Array"),
        ("view", "from liqmap.picture import heatmap"),
        ("picture.palettes", "from liqmap.view import View"),
    ],
)
def test_the_rule_forbids_what_it_should(name: str, source: str) -> None:
    assert len(broken(name, source)) == 1


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_page_imports_only_what_micropython_has(path: Path) -> None:
    for dotted in imported(at_runtime(path.read_text())):
        assert {dotted, top(dotted)} & {*PAGE.split(), *sys.stdlib_module_names}, dotted


def at_runtime(source: str) -> str:
    """The source without what only type checkers read."""
    module = ast.parse(source)
    module.body = [
        node
        for node in module.body
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    return ast.unparse(module)


def test_the_words_that_the_page_shares_need_nothing_that_micropython_lacks() -> None:
    for name, needs in {"language": set(), "words": {"time", "liqmap.language"}}.items():
        source = (PACKAGE / f"{name}.py").read_text()
        assert set(imported(at_runtime(source))) == needs


def test_micropython_is_given_every_part_of_the_page() -> None:
    """Its one archive holds what is imported, each where `import` looks for it."""
    text = (ROOT / "www" / "index.html").read_text()
    (config,) = re.findall(r"<script type=\"mpy\" inline src=\"py/main.py\" config='(.*?)'", text)
    assert json.loads(config)["files"] == {"./py/page.tar.gz": "./*"}
    paths = {f"page/{path.name}" for path in SCRIPTS[1:]}
    assert set(site.page_modules()) == {*paths, "liqmap/language.py", "liqmap/words.py"}


def messages() -> dict[str, type]:
    """Every message of the protocol, by the name of its class."""
    return {one.__name__: one for one in get_args(Message)}


def test_every_message_has_one_panel_that_takes_it() -> None:
    """The table of page/dispatch.py, by the types that its functions say they take.

    `www/guard.js` takes those of the start, before there is any Python.
    """
    tree = ast.parse((PY / "page" / "dispatch.py").read_text())
    (table,) = (node.value for node in tree.body if isinstance(node, ast.AnnAssign))
    assert isinstance(table, ast.Dict)
    taken: dict[object, str] = {"boot": "Boot"}
    for kind, function in zip(table.keys, table.values, strict=True):
        assert isinstance(kind, ast.Constant)
        module, name = ast.unparse(function).split(".")
        taken[kind.value] = _argument(PY / "page" / f"{module}.py", name)
    sent = {one.kind: name for name, one in messages().items()}  # type: ignore[attr-defined]
    assert taken == sent, "left: page/dispatch.py; right: the union Message of session/messages.py"


def _argument(path: Path, function: str) -> str:
    """Name of the class that a panel's function takes."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            (argument,) = node.args.args
            assert argument.annotation
            return ast.unparse(argument.annotation).rpartition(".")[2]
    raise AssertionError(f"{path.name} has no {function}")


def test_the_tools_know_nothing_of_the_package() -> None:
    """But one: a capture asks a venue the questions that the package will ask."""
    knowing = [
        path.relative_to(ROOT).as_posix()
        for path in [ROOT / "build.py", *(ROOT / "tools").rglob("*.py")]
        if any(dotted.startswith("liqmap") for dotted in imported(path.read_text()))
    ]
    assert knowing == ["tools/build/capture.py"]
