"""Assemble dist/: the page, the package, the runtime, and a manifest of it all.

Every build computes all contents and writes only those that differ, so that a build with
nothing to do is quick and two builds of the same sources are the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.build import (
    archive,
    card,
    compiled,
    icons,
    integrity,
    languages,
    links,
    page,
    runtime,
    sentences,
    trim,
    wheel,
)
from tools.build.bare import bare
from tools.build.console import DIST, WWW, BuildError
from tools.build.sentences import Sentence

SCRIPTS = {
    "chart": (
        *("figure", "bounds", "screen", "times", "tags", "axes", "readout", "as_of", "crosshair"),
        *("fingers", "png", "print"),
    ),
    "start": ("storage", "figure", "last", "asks", "offline"),
}
"""Scripts of each folder that become one; a later one may use what an earlier one offers."""
RECORD = ("accuracy.json", "accuracy.html")
"""The public record of accuracy, as `liqmap accuracy publish` writes it."""
UNLISTED = frozenset(
    {
        *RECORD,
        *("manifest.json", "sw.js", "site.json"),
        *(".nojekyll", "404.html", "runtime/licences.txt"),
    }
    | links.ASIDE
    | icons.ASIDE
)
"""Files that are no part of a release: they name it, differ from server to server, or are not the
page's."""
DOCUMENTS = "docs"
"""The folder beside the page that `build.py docs` fills: no part of a release, and left alone."""


def build(
    out: Path = DIST, *, address: str = "", fresh: bool = False, record: Path | None = None
) -> dict[str, str]:
    """Bring `out` up to date; the sha256 of each file by path.

    Parameters
    ----------
    out : Path
    address : str
        Where the site will be; previews of links and the sitemap need it, all else does not.
    fresh : bool
        Have the pictures of links show what an exchange publishes now, where one can be read.
    record : Path, optional
        A folder where the public record of accuracy may be, to be shown with the page.
    """
    runtime.fetch(runtime.packages())
    wanted = contents(address, fresh=fresh)
    if record is not None and (record / RECORD[0]).exists():
        wanted |= published(record)
    wanted |= release({path: (len(content), _sha256(content)) for path, content in wanted.items()})
    _remove_others(out, wanted)
    return {path: _put(out / path, content) for path, content in sorted(wanted.items())}


def files(out: Path = DIST) -> dict[str, bytes]:
    """What was built, by path, without the documents."""
    found = (path for path in _ours(out) if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


def contents(address: str = "", *, fresh: bool = False) -> dict[str, bytes]:
    """Everything the site consists of, by path, but what names the release."""
    base, heats = links.base_of(address), card.fresh() if fresh else {}
    sources = {coin: heat.source for coin, heat in heats.items()}
    ours = {f"runtime/pyodide/{wheel.file_name()}": wheel.wheel()}
    found = _page(preloaded(ours), base, sources) | ours
    for package in runtime.packages():
        for file in package.files:
            found[file.path] = trim.shipped(package, file)
    page, held = integrity.sealed(found["index.html"].decode(), found)
    found = {path: content for path, content in found.items() if path not in held}
    found["index.html"] = page.encode()
    found["runtime/licences.txt"] = licences()
    found["site.json"] = site_json()
    found |= {f"example-{theme}.png": example(theme) for theme in ("dark", "light")}
    found[".nojekyll"] = b""
    svg = (WWW / "icon.svg").read_bytes()
    return found | links.files(base, sources) | card.pictures(heats, svg) | icons.files(svg)


def published(record: Path) -> dict[str, bytes]:
    """The public record beside the page, and what the page says of it.

    Raises
    ------
    BuildError
        It is damaged, or a part of it is missing.
    """
    try:
        found = {name: (record / name).read_bytes() for name in RECORD}
        summary = json.loads(found[RECORD[0]])["summary"] or {"days": 0}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BuildError(
            f"{record} holds no public record ({error}). `liqmap accuracy publish` writes one."
        ) from error
    return found | {"site.json": site_json(record=summary)}


def site_json(
    origins: Mapping[str, str] | None = None,
    streams: Mapping[str, str] | None = None,
    timers: Mapping[str, float] | None = None,
    record: Mapping[str, float] | None = None,
) -> bytes:
    """What the page knows of the place it runs in.

    A served site overrides the venues' addresses and the page's pauses in seconds: `poll_s`
    and `sum_poll_s` between two questions after new bars, `retry_s` before a second attempt,
    `patience_s` that a venue may ask for, `save_s` until the tape is stored, `snapshot_s` until
    an image of Python is kept, `offline_s` until the page is. What is left out has the package's
    default. `record` is the summary of the public record of accuracy, where there is one.
    """
    known = {
        "version": wheel.version(),
        "origins": dict(origins or {}),
        "streams": dict(streams or {}),
        "timers": dict(timers or {}),
    }
    return _json(known if record is None else known | {"record": dict(record)})


def licences() -> bytes:
    """Whose work the runtime is."""
    lines = [
        "Third-party software in this folder; of Pyodide's standard library and of numpy, parts",
        "that the page does not use, docstrings and comments are left out:",
        "",
    ]
    lines += [f"{one.name} {one.version}, {one.licence}, {one.home}" for one in runtime.packages()]
    return "\n".join([*lines, ""]).encode()


def release(listing: Mapping[str, tuple[int, str]]) -> dict[str, bytes]:
    """The manifest of these files, and the service worker that keeps exactly them."""
    listed = manifest(listing)
    worker = (WWW / "sw.js").read_text().replace("{{release}}", _sha256(listed))
    return {"manifest.json": listed, "sw.js": worker.encode()}


def manifest(listing: Mapping[str, tuple[int, str]]) -> bytes:
    """Size and sha256 of each file, and one version for all of them."""
    listed = {
        path: {"bytes": size, "sha256": digest}
        for path, (size, digest) in sorted(listing.items())
        if path not in UNLISTED
    }
    return _json({"version": _sha256(_json(listed))[:16], "files": listed, "lock": lock(listing)})


def figure() -> bytes:
    """The Bokeh document as JSON."""
    return compiled.kept("figure", compiled_figure)


def catalogue() -> dict[str, Any]:
    """What the page offers, as `liqmap.catalogue` says."""
    found: dict[str, Any] = json.loads(compiled.kept("catalogue", compiled_catalogue))
    return found


def said() -> tuple[list[Sentence], list[Sentence]]:
    """What the package says, and what the page does."""
    front = page.render((WWW / "index.html").read_text(), catalogue())
    package = sentences.of_package()
    return package, sentences.of_page(front, figure(), package)


def example(theme: str) -> bytes:
    """The picture that a first visitor sees, as `liqmap.example` draws it for a theme."""
    program = f"import sys; from liqmap.example import png; sys.stdout.buffer.write(png('{theme}'))"
    return compiled.kept(f"example-{theme}", lambda: compiled.printed(program))


def compiled_figure() -> bytes:
    """What `liqmap.picture.document` draws, from a fresh interpreter."""
    program = "from liqmap.picture import document as d; print(d.document_json(), end='')"
    return compiled.printed(program)


def compiled_catalogue() -> bytes:
    """What `liqmap.catalogue` prints, from a fresh interpreter."""
    return compiled.printed("from liqmap import catalogue as c; print(c.catalogue_json(), end='')")


def _page(preloads: Sequence[str], base: str, sources: Mapping[str, str]) -> dict[str, bytes]:
    """www/ with index.html filled in, and its Python for MicroPython as one archive."""
    paths = [path for path in WWW.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    named = {path.relative_to(WWW).as_posix(): path for path in paths}
    files = {
        name: path.read_bytes()
        for name, path in named.items()
        if not name.startswith(("py/liqmap/", "py/page/", "chart/", "start/", "languages/"))
        and name != "sw.js"
        and path.name[0] != "."
    }
    template = files["index.html"].decode()
    tags = links.front_tags(template, base, sources)
    front = page.render(template, catalogue(), preloads, files["icon.svg"], tags)
    return files | {
        "index.html": front.encode(),
        **languages.files(*said()),
        "chart.js": b"const FIGURE = " + figure() + b";\n" + script("chart", scopes=True),
        "start.js": script("start"),
        "py/page.tar.gz": archive.tar_gz(page_modules()),
    }


def script(folder: str, *, scopes: bool = False) -> bytes:
    """The scripts of a folder of www/ as one, each in a scope of its own if wanted."""
    texts = [(WWW / folder / f"{name}.js").read_text() for name in SCRIPTS[folder]]
    if scopes:
        return "".join(f"{{\n{text}}}\n" for text in texts).encode()
    return f'(() => {{\n"use strict";\n{"".join(texts)}}})();\n'.encode()


def preloaded(ours: Iterable[str]) -> list[str]:
    """Files that the worker fetches first, so that the document has asked for them before."""
    theirs = [file.path for package in runtime.packages() for file in package.files]
    fetched = re.compile(r"runtime/pyodide/.*\.(wasm|zip|whl)")
    return [path for path in (*theirs, *ours) if fetched.fullmatch(path)]


def page_modules() -> dict[str, bytes]:
    """What MicroPython imports, by path: the page's modules, and the words it shares."""
    paths = sorted((WWW / "py" / "page").glob("*.py"))
    files = {f"page/{path.name}": bare(path.read_bytes()) for path in paths}
    shared = ("language.py", "words.py")
    return files | {f"liqmap/{name}": bare((wheel.PACKAGE / name).read_bytes()) for name in shared}


def lock(listing: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """What Pyodide knows of the packages in it: numpy, and our wheel, which needs it."""
    by_name = {package.name: package for package in runtime.packages()}
    numpy = by_name["numpy"]
    entries: dict[str, tuple[str, str, list[str]]] = {
        numpy.files[0].path: ("numpy", numpy.version, []),
        f"runtime/pyodide/{wheel.file_name()}": ("liqmap", wheel.version(), ["numpy"]),
    }
    packages = {
        name: _locked(name, version, Path(path).name, listing[path][1], depends)
        for path, (name, version, depends) in entries.items()
        if path in listing
    }
    return {"info": by_name["Pyodide"].lock, "packages": packages}


def _locked(
    name: str, version: str, file_name: str, sha256: str, depends: list[str]
) -> dict[str, Any]:
    return {
        "depends": depends,
        "file_name": file_name,
        "imports": [name],
        "install_dir": "site",
        "name": name,
        "package_type": "package",
        "sha256": sha256,
        "unvendored_tests": False,
        "version": version,
    }


def _put(path: Path, content: bytes) -> str:
    digest = _sha256(content)
    if not path.exists() or _sha256(path.read_bytes()) != digest:
        runtime.write(path, content)
    return digest


def _remove_others(out: Path, wanted: Mapping[str, bytes]) -> None:
    if not out.exists():
        return
    for path in sorted(_ours(out), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(out).as_posix() not in wanted:
            path.unlink()


def _ours(out: Path) -> Iterator[Path]:
    """All that stands there but the documents."""
    for path in out.rglob("*"):
        if out / DOCUMENTS not in (path, *path.parents):
            yield path


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
