"""Which room may import what: one direction, from the vocabulary down to the screen.

`MAY` is the whole rule. A new file gets a line there, and the line says what it knows.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

WWW = ROOT / "www"
PY = WWW / "py"
PACKAGE = PY / "liqmap"

VOCABULARY = {"errors", "accounts", "columns", "liquidations", "market"}
ARITHMETIC = VOCABULARY | {"margin", "grid", "density"}
ESTIMATORS = {"models.balance", "models.turnover", "models.survivor"}
QUESTION = {"models.crowd", "models.inputs"}
"""What an estimator is asked, and in what terms."""
VENUES = {
    f"exchanges.{path.stem}"
    for path in (PACKAGE / "exchanges").glob("*.py")
    if path.stem not in ("__init__", "adapter", "coins", "wire")
}
ASKING = VOCABULARY | {"exchanges.adapter", "exchanges.coins", "exchanges.wire"}

MAY: dict[str, set[str]] = {
    # What flows between rooms.
    "errors": set(),
    "columns": {"errors"},
    "liquidations": {"columns", "errors"},
    "accounts": {"columns", "errors"},
    "market": {"columns", "errors"},
    "view": {"errors"},
    # The arithmetic of liquidation. It has never heard of an exchange.
    "margin": VOCABULARY,
    "grid": VOCABULARY,
    "density": {"columns", "errors", "grid"},
    "calibrate": VOCABULARY,
    "models": ARITHMETIC
    | ESTIMATORS
    | {"calibrate", "models.asked", "models.ensemble", "models.inputs", "models.live"},
    **dict.fromkeys(ESTIMATORS, ARITHMETIC | QUESTION | {"calibrate", "models.standing"}),
    "models.standing": {"columns", "density"} | QUESTION,
    "models.ensemble": {"calibrate", "columns", "models.balance"} | QUESTION,
    "models.asked": ARITHMETIC | QUESTION | {"calibrate"},
    "models.balance": {"density", "models.book", "models.canvas"} | QUESTION,
    "models.live": {"calibrate", "columns", "density", "models.asked", "models.balance"}
    | {"models.book", "models.canvas", "models.inputs"},
    "models.inputs": {"calibrate", "columns", "density", "grid", "models.crowd", "models.walk"},
    # The book knows prices and traders, the canvas the grid it is drawn on.
    "models.crowd": {"columns"},
    "models.walk": {"columns", "models.crowd"},
    "models.camp": {"models.crowd"},
    "models.law": {"calibrate", "columns", "models.crowd"},
    "models.book": {"columns", "models.camp", "models.law", "models.walk"} | QUESTION,
    "models.ledger": {"columns", "models.book", "models.crowd"},
    "models.canvas": {"columns", "density", "grid", "models.book", "models.crowd", "models.ledger"},
    "correlation": VOCABULARY,
    "nulls": VOCABULARY | {"correlation"},
    "crossings": ARITHMETIC | {"correlation"},
    "score": ARITHMETIC | {"correlation", "crossings", "nulls"},
    "share": VOCABULARY | {"correlation"},
    "levels": ARITHMETIC | {"palettes", "profile"},
    "cascade": ARITHMETIC | {"levels"},
    "position": ARITHMETIC,
    "demo": ARITHMETIC,
    # The exchanges: requests out, bytes in. No adapter knows another, or a model.
    "exchanges": {"exchanges.adapter"} | VENUES,
    "exchanges.adapter": VOCABULARY,
    "exchanges.coins": set(),
    "exchanges.wire": VOCABULARY | {"exchanges.adapter"},
    **dict.fromkeys(VENUES, ASKING),
    "exchanges.aster": ASKING | {"exchanges.binance"},  # Aster serves Binance's API
    # Waiting, which knows of exchanges only that they can be asked.
    "fetching": {"errors", "exchanges.adapter"},
    "loading": VOCABULARY | {"exchanges.adapter", "fetching"},
    "listening": VOCABULARY | {"exchanges.adapter"},
    "tape": VOCABULARY,
    "shelf": set(),
    "merging": ARITHMETIC | {"exchanges.coins"},
    "picking": VOCABULARY | {"exchanges.coins", "palettes"},
    # Drawing: arrays first, then Bokeh.
    "palettes": set(),
    "scale": ARITHMETIC | {"palettes", "view"},
    "profile": ARITHMETIC,
    "happened": VOCABULARY | {"levels", "palettes"},
    "picture": ARITHMETIC | {"levels", "palettes", "profile", "scale", "share", "view"},
    "layer": ARITHMETIC | {"palettes", "picture"},
    "figure": {"happened", "layer", "palettes", "picture"},
    # The browser itself, and the order of it all.
    "browser": {"errors", "exchanges.adapter", "fetching"},
    "venues": VOCABULARY | {"exchanges", "fetching", "loading", "merging"},
    "gathering": VOCABULARY | {"exchanges", "framing", "loading", "venues", "view"},
    "following": set(),
    "recording": VOCABULARY | {"exchanges", "fetching", "levels", "listening", "shelf", "tape"},
    "watching": VOCABULARY | {"exchanges.hyperliquid", "fetching", "layer", "merging", "venues"},
    "framing": VOCABULARY | {"view"},
    "estimating": ARITHMETIC | {"framing", "merging", "models", "share"},
    "judging": ARITHMETIC | {"correlation", "score", "share", "tape"},
    "showing": ARITHMETIC
    | {"estimating", "exchanges", "framing", "happened", "judging", "merging", "models"}
    | {"picture", "recording", "share", "view"},
    "desk": VOCABULARY
    | {"exchanges", "fetching", "following", "gathering", "levels", "listening", "loading"}
    | {"picking", "recording", "shelf", "showing", "venues", "view", "watching"},
    "__init__": ARITHMETIC | {"models", "position", "score", "view"},
}
"""What of liqmap each module may import."""

OUTSIDE: dict[str, set[str]] = {
    "figure": {"bokeh", "numpy"},
    "browser": {"js", "numpy", "pyodide", "pyodide_js"},
}
"""What else, beside the standard library; a module without a line may import numpy."""

SCRIPTS: dict[str, set[str]] = {
    "worker": {"liqmap", "numpy", "pyscript"},
    # The page runs in MicroPython, which has no package of ours.
    "main": {"pyscript", "page.elements", "page.settings"}
    | {"page.panels", "page.pointer", "page.buttons"},
    "page.elements": {"pyscript"},
    "page.settings": {"pyscript", "page.elements"},
    "page.panels": {"pyscript", "page.elements", "page.settings"},
    "page.pointer": {"pyscript", "page.elements"},
    "page.buttons": {"pyscript", "page.elements"},
}
"""The two scripts of the page, and the parts of the one that runs in MicroPython."""


def name_of(path: Path) -> str:
    """liqmap/exchanges/__init__.py is `exchanges`, liqmap/__init__.py `__init__`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
PARTS = {f"page.{path.stem}" for path in (PY / "page").glob("*.py")}
OURS = {*MODULES, *PARTS}


def imported(source: str) -> Iterator[str]:
    """Dotted names of everything a module imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            assert node.module
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            # `from liqmap.exchanges import wire` imports a module, not a name of one.
            yield from (
                name if name.removeprefix("liqmap.") in OURS else node.module for name in names
            )


def broken(name: str, source: str) -> list[str]:
    """What this module imports against the table."""
    wrong = []
    for dotted in sorted(set(imported(source))):
        top, _, rest = dotted.partition(".")
        if top == "liqmap":
            if (rest or "__init__") not in MAY[name]:
                wrong.append(f"liqmap.{name} imports {dotted}")
        elif top not in sys.stdlib_module_names and top not in OUTSIDE.get(name, {"numpy"}):
            wrong.append(f"liqmap.{name} imports {dotted}")
    return wrong


def test_every_module_has_a_line() -> None:
    assert not set(MODULES) - set(MAY), "give the new file a line in MAY"
    assert not PARTS - set(SCRIPTS), "give the new file a line in SCRIPTS"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_imports_only_what_its_room_may(name: str) -> None:
    assert broken(name, MODULES[name].read_text()) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_page_s_scripts_import_only_what_they_may(name: str) -> None:
    source = (PY / name.replace(".", "/")).with_suffix(".py").read_text()
    for dotted in imported(source):
        top = dotted.partition(".")[0]
        assert {dotted, top} & SCRIPTS[name] or top in sys.stdlib_module_names, dotted


def test_micropython_is_given_every_part_of_the_page() -> None:
    """It fetches what index.html names, each to the place where `import` looks for it."""
    text = (WWW / "index.html").read_text()
    (config,) = re.findall(r"<script type=\"mpy\" src=\"py/main.py\" config='(.*?)'", text)
    paths = [name.replace(".", "/") + ".py" for name in PARTS]
    assert json.loads(config)["files"] == {f"./py/{path}": f"./{path}" for path in paths}


def test_the_table_has_one_direction() -> None:
    """Following what may be imported never leads back."""
    open_: list[str] = []
    done: set[str] = set()

    def follow(name: str) -> None:
        assert name not in open_, " → ".join([*open_, name])
        if name in done:
            return
        open_.append(name)
        for other in table.get(name, ()):
            follow(other)
        done.add(open_.pop())

    table = MAY | SCRIPTS
    for name in table:
        follow(name)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("exchanges.bybit", "import js"),
        ("exchanges.bybit", "from liqmap.exchanges.okx import Okx"),
        ("exchanges.bybit", "from liqmap.models import balance"),
        ("models.balance", "from liqmap.exchanges.adapter import Request"),
        ("picture", "def f():\n    from bokeh.models import Range1d"),
        ("fetching", "from pyodide.ffi import to_js"),
        ("errors", "import numpy\nfrom liqmap.columns import Array"),
    ],
)
def test_the_table_forbids_what_it_should(name: str, source: str) -> None:
    assert len(broken(name, source)) == 1


def test_the_tools_know_nothing_of_the_package() -> None:
    for path in [ROOT / "build.py", *(ROOT / "tools").rglob("*.py")]:
        for dotted in imported(path.read_text()):
            assert not dotted.startswith("liqmap"), path.name
