"""Archives are shipped without what the page never imports, and with all that it does."""

from __future__ import annotations

import ast
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.build import runtime, trim, wheel
from tools.build.archive import zipped
from tools.build.console import WWW, BuildError
from tools.build.sources import source

MODULE = b'"""Says what it is."""\n\nVALUE = 1  # why\n'
FILES = {"used.py": MODULE, "read.py": MODULE, "words.py": MODULE, "tests/test_used.py": MODULE}
Packed = Callable[..., tuple[runtime.Package, runtime.File]]


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packed:
    """A package of one stored archive, trimmed as told."""

    def pack(**told: Any) -> tuple[runtime.Package, runtime.File]:
        content = zipped(FILES)
        file = runtime.File("runtime/a.zip", "a.zip", hashlib.sha256(content).hexdigest())
        (tmp_path / file.sha256).write_bytes(content)
        monkeypatch.setattr(runtime, "stored", lambda one: tmp_path / one.sha256)
        npm = source({"kind": "npm", "package": "a@1"})
        package = runtime.Package("a", "1", "MIT", "pkg:npm/a", "home", (npm,), (file,))
        return replace(package, **told), file

    return pack


def test_members_go_are_replaced_are_bared_or_stay(packed: Packed, tmp_path: Path) -> None:
    package, file = packed(
        left_out=("tests/*",), replaced={"words.py": "new"}, verbatim=("read.py",)
    )
    content = trim.shipped(package, file, tmp_path / "kept")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {"used.py": b"\n\nVALUE = 1\n", "read.py": MODULE, "words.py": b"new"}


def test_what_nothing_is_left_out_of_is_shipped_as_published(
    packed: Packed, tmp_path: Path
) -> None:
    package, file = packed()
    assert trim.shipped(package, file, tmp_path / "kept") == zipped(FILES)


def test_other_words_in_runtime_toml_are_another_archive(packed: Packed, tmp_path: Path) -> None:
    first = trim.shipped(*packed(left_out=("tests/*",)), tmp_path / "kept")
    assert trim.shipped(*packed(left_out=("words.py",)), tmp_path / "kept") != first


def test_a_pattern_that_matches_nothing_stops_the_build(packed: Packed, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="nothing matches gone/\\*"):
        trim.shipped(*packed(left_out=("tests/*", "gone/*")), tmp_path / "kept")


@pytest.mark.parametrize("name", ["Pyodide", "numpy"])
def test_all_that_ours_imports_is_shipped(name: str) -> None:
    (package,) = (one for one in runtime.packages() if one.name == name)
    (file,) = (one for one in package.files if trim.is_trimmed(package, one))
    published = _modules(runtime.stored(file).read_bytes())
    shipped = _modules(trim.shipped(package, file))
    ours = {one for text in _sources() for one in _imported(ast.parse(text))}
    assert len(ours & published) > 2
    assert ours & published <= shipped < published


def test_numpy_ships_what_its_own_modules_import() -> None:
    """Also when a function is called: `numpy.median` imports `numpy.ma`.

    But not what is imported for whoever names it, for testers, for type checkers, for text files.
    """
    (package,) = (one for one in runtime.packages() if one.name == "numpy")
    published = _modules(runtime.stored(package.files[0]).read_bytes())
    content = trim.shipped(package, package.files[0])
    named = {f"numpy/{one}.py" for one in ("__init__", "_pytesttester", "typing/mypy_plugin")}
    named.add("numpy/lib/_npyio_impl.py")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        paths = [name for name in archive.namelist() if name.endswith(".py")]
        missing = {
            (path, one)
            for path in set(paths) - named
            for one in _imported(ast.parse(archive.read(path)))
            if one in published - _modules(content)
        }
    assert not missing


def _modules(content: bytes) -> set[str]:
    """Importable names in an archive: of packages, of modules in Python and in C."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        paths = [Path(name) for name in archive.namelist() if name.endswith((".py", ".so"))]
    parts = [(*path.parent.parts, path.name.split(".")[0]) for path in paths]
    return {".".join(one).removesuffix(".__init__") for one in parts}


def _sources() -> Iterator[bytes]:
    yield from wheel.sources().values()
    yield (WWW / "py" / "worker.py").read_bytes()


def _imported(tree: ast.Module) -> Iterator[str]:
    """Every module that it names, also within functions, and what it takes from one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np":
            yield f"numpy.{node.attr}"
