"""The site: complete, and touched only where it changed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from liqmap.venues.registry import IN_BROWSER, STREAMS
from tools.build import runtime, site, trim, wheel
from tools.build.bare import bare
from tools.build.console import WWW, BuildError


def times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_second_build_touches_nothing(tmp_path: Path) -> None:
    site.build(tmp_path)
    before = times(tmp_path)
    site.build(tmp_path)
    assert times(tmp_path) == before


def test_a_build_mends_what_is_damaged_stray_or_missing(built: Path, tmp_path: Path) -> None:
    site.build(tmp_path)
    (tmp_path / "site.json").write_text("{")
    (tmp_path / "stray" / "deep").mkdir(parents=True)
    (tmp_path / "stray" / "deep" / "file").touch()
    (tmp_path / "manifest.json").unlink()
    before = times(tmp_path / "runtime")
    site.build(tmp_path)
    assert site.files(tmp_path) == site.files(built)
    assert not (tmp_path / "stray").exists()
    assert times(tmp_path / "runtime") == before


def test_a_build_leaves_the_documents_beside_it_alone(built: Path, tmp_path: Path) -> None:
    page = tmp_path / "docs" / "tutorial" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("documents")
    site.build(tmp_path)
    assert page.read_text() == "documents"
    assert site.files(tmp_path) == site.files(built), "they are no part of a release"


def test_a_changed_module_changes_wheel_lock_and_version(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "www"
    shutil.copytree(WWW, copy)
    monkeypatch.setattr(wheel, "PACKAGE", copy / "py" / "liqmap")
    with (copy / "py" / "liqmap" / "errors.py").open("a") as module:
        module.write("# changed\n")
    site.build(tmp_path / "site")
    before, after = site.files(built), site.files(tmp_path / "site")
    changed = {path for path in before if before[path] != after.get(path)}
    assert {path.rpartition("/")[2] for path in changed} == {
        "manifest.json",
        "sw.js",
        f"liqmap-{wheel.version()}-py3-none-any.whl",
    }
    version = [json.loads(one["manifest.json"])["version"] for one in (before, after)]
    assert version[0] != version[1]


def test_the_manifest_lists_every_file_the_page_can_ask_for(built: Path) -> None:
    listed = json.loads((built / "manifest.json").read_text())["files"]
    present = site.files(built)
    assert set(listed) == set(present) - site.UNLISTED
    for path, entry in listed.items():
        assert entry["bytes"] == len(present[path])
        assert entry["sha256"] == hashlib.sha256(present[path]).hexdigest()


def test_the_service_worker_carries_the_release_it_keeps(built: Path) -> None:
    listing, worker = (built / "manifest.json").read_bytes(), (built / "sw.js").read_text()
    assert f'RELEASE = "{hashlib.sha256(listing).hexdigest()}"' in worker
    assert "{{" not in worker
    assert "sw.js" not in json.loads(listing)["files"]


def test_every_pinned_file_stands_where_runtime_toml_says(built: Path) -> None:
    for package in runtime.packages():
        for file in package.files:
            content = (built / file.path).read_bytes()
            if not trim.is_trimmed(package, file):
                assert hashlib.sha256(content).hexdigest() == file.sha256


def test_the_lock_knows_exactly_the_wheels_that_are_there(built: Path) -> None:
    folder = built / "runtime" / "pyodide"
    packages = json.loads((built / "manifest.json").read_text())["lock"]["packages"]
    assert set(packages) == {"numpy", "liqmap"}
    assert {one["file_name"] for one in packages.values()} == {
        path.name for path in folder.glob("*.whl")
    }
    for one in packages.values():
        content = (folder / one["file_name"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_page_s_archive_holds_its_modules_and_the_words_of_both_pythons(built: Path) -> None:
    """Plain files in folders of one level, as PyScript's unpacker wants them; of no date."""
    with tarfile.open(built / "py" / "page.tar.gz") as archive:
        entries = archive.getmembers()
        held = {}
        for entry in entries:
            content = archive.extractfile(entry)
            assert content
            held[entry.name] = content.read()
    paths = {f"page/{path.name}": path for path in (WWW / "py/page").glob("*.py")}
    paths |= {f"liqmap/{name}": wheel.PACKAGE / name for name in ("language.py", "words.py")}
    assert held == {name: bare(path.read_bytes()) for name, path in paths.items()}
    assert {(entry.type, entry.mtime) for entry in entries} == {(tarfile.REGTYPE, 0)}
    assert not (built / "py" / "page").exists()


def test_our_wheel_imports_without_bokeh(built: Path) -> None:
    (path,) = (built / "runtime" / "pyodide").glob("liqmap-*.whl")
    names = zipfile.ZipFile(path).namelist()
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in names
        if name.endswith(".py")
    )
    assert not {"liqmap.picture.document", "liqmap.catalogue"} & set(modules)
    program = (
        "import importlib, sys\n"
        f"sys.path[:0] = [{str(path)!r}]\n"
        f"for name in {[name for name in modules if name != 'liqmap.browser']!r}:\n"
        "    assert importlib.import_module(name).__file__.startswith(sys.path[0])\n"
        "print([name for name in ('bokeh', 'js', 'pyodide') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_wheel_s_record_is_true(built: Path) -> None:
    (path,) = (built / "runtime" / "pyodide").glob("liqmap-*.whl")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        record = next(name for name in names if name.endswith("/RECORD"))
        rows = [line.split(",") for line in archive.read(record).decode().splitlines()]
        assert {name for name, _, _ in rows} == names
        for name, digest, size in rows:
            if name != record:
                assert len(archive.read(name)) == int(size)
                assert digest.startswith("sha256=")


class _Addresses(HTMLParser):
    """Every address an HTML page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("src", "href") and value]


def test_a_record_of_accuracy_is_shown_with_the_page(tmp_path: Path) -> None:
    summary = {"contracts": 1, "days": 12, "claims": 0.6, "best_rule": 0.4}
    record = tmp_path / "record"
    record.mkdir()
    (record / "accuracy.json").write_text(json.dumps({"summary": summary}))
    with pytest.raises(BuildError, match="holds no public record"):
        site.published(record)
    (record / "accuracy.html").write_text("<!doctype html>")
    found = site.published(record)
    assert json.loads(found["site.json"])["record"] == summary
    assert found["accuracy.html"] == b"<!doctype html>"
    (record / "accuracy.json").write_text('{"summary": null}')
    assert json.loads(site.published(record)["site.json"])["record"] == {"days": 0}
    assert "record" not in json.loads(site.site_json())


def test_the_page_refers_to_files_that_exist_by_relative_addresses(built: Path) -> None:
    """Anything else breaks below a path prefix."""
    for page in built.glob("*.html"):
        parser = _Addresses()
        parser.feed(page.read_text())
        for address in parser.found:
            if address.startswith(("https://", "#", "data:", "mailto:")):
                continue
            assert not address.startswith("/"), f"{page.name}: {address}"
            path = address.partition("?")[0].partition("#")[0].removeprefix("./")
            assert not path or path in site.RECORD or (built / path).exists(), (
                f"{page.name}: {address}"
            )


def test_the_page_may_connect_to_the_venues_and_to_nobody_else(built: Path) -> None:
    policy = re.search(r"connect-src ([^;]*)", (built / "index.html").read_text())
    assert policy
    streams = {re.sub(r"(?<=\w)/.*", "", one.url) for one in STREAMS.values()}
    origins = {one.origin for one in IN_BROWSER.values()}
    assert set(policy[1].split()) == {"'self'"} | origins | streams


def test_whatever_names_a_runtime_file_names_one_that_is_there(built: Path) -> None:
    for path in WWW.rglob("*"):
        if path.suffix in {".html", ".js", ".mjs", ".py"}:
            for name in re.findall(r"\bruntime/[\w.@/-]+\.\w+", path.read_text()):
                assert (built / name).exists(), f"{path.name}: {name}"
