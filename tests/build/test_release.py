"""A release: refused with a reason, or made whole; its tag gives the same bytes again."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.support.project import Project
from tools.build import changelog, distribution, release, sbom, site, wheel
from tools.build.console import BuildError

TODAY = date(2030, 1, 2)
SITE = {"b.js": b"1", "a/page.html": b"<p>"}
INIT = "www/py/liqmap/__init__.py"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of the package that the release works on; its site is two files."""
    made = Project(tmp_path / "project")
    for module in (release, distribution):
        monkeypatch.setattr(module, "ROOT", made.folder)
    monkeypatch.setattr(release, "FOLDER", made.folder / "release")
    monkeypatch.setattr(release, "_INIT", made.folder / INIT)
    monkeypatch.setattr(wheel, "PACKAGE", made.folder / "www" / "py" / "liqmap")
    monkeypatch.setattr(changelog, "FILE", made.folder / "CHANGELOG.md")
    monkeypatch.setattr(site, "build", dict)
    monkeypatch.setattr(site, "files", lambda: SITE)
    monkeypatch.setattr(sbom, "sbom", lambda version, day: f"{version} {day}".encode())
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "someone@example")
    return made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wheel and no sdist."""
    monkeypatch.setattr(distribution, "build", lambda out: [])


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_tagged_release_is_whole_and_its_tag_gives_the_same_bytes(project: Project) -> None:
    made = files(release.release("99.0.0", tag=True, today=TODAY))
    assert project.git("status", "--porcelain") == ""
    assert (
        project.git("log", "-1", "--format=%s %D", "--decorate-refs=refs/tags")
        == "Release 99.0.0 tag: v99.0.0"
    )
    assert '__version__ = "99.0.0"' in (project.folder / INIT).read_text()
    assert changelog.day_of((project.folder / "CHANGELOG.md").read_text(), "99.0.0") == TODAY
    package = {"liqmap-99.0.0-py3-none-any.whl", "liqmap-99.0.0.tar.gz"}
    summed = package | {"dist.zip", "sbom.cdx.json"}
    assert set(made) == summed | {"SHA256SUMS", "NOTES.md"}
    assert made["SHA256SUMS"].decode() == "".join(
        f"{hashlib.sha256(made[name]).hexdigest()}  {name}\n" for name in sorted(summed)
    )
    with zipfile.ZipFile(project.folder / "release" / "99.0.0" / "dist.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == SITE
    assert made["sbom.cdx.json"] == b"99.0.0 2030-01-02"
    assert made["NOTES.md"].startswith(b"### ")
    assert files(release.release(None, tag=False, today=date(2031, 1, 1))) == made


@pytest.mark.usefixtures("quick")
def test_without_a_tag_the_commands_that_remain_are_told(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    head = project.git("rev-parse", "HEAD")
    release.release("99.0.0", tag=False, today=TODAY)
    assert project.git("rev-parse", "HEAD") == head
    assert project.git("tag") == ""
    assert project.git("diff", "--name-only").split() == ["CHANGELOG.md", INIT]
    assert (
        "git commit --all --message 'Release 99.0.0' && "
        "git tag --annotate v99.0.0 --message 'liqmap 99.0.0' && git push --follow-tags"
    ) in capsys.readouterr().err


def dirty(project: Project) -> None:
    (project.folder / "README.md").write_text("half done")


def tagged(project: Project) -> None:
    project.git("tag", "v99.0.0")


def silent(project: Project) -> None:
    project.write("CHANGELOG.md", "# Changelog\n\n## [unreleased]\n")


def further(project: Project) -> None:
    release.release("99.0.0", tag=True, today=TODAY)
    project.write("README.md", "Something else")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("before", "version", "sentence"),
    [
        (dirty, "99.0.0", "There are changes that are not committed"),
        (None, wheel.version(), "does not follow"),
        (None, "0.0.9", "does not follow"),
        (None, "99.0", "“99.0” is no version: give three numbers"),
        (tagged, "99.0.0", "The tag v99.0.0 exists already"),
        (silent, "99.0.0", "says nothing under"),
        (silent, None, "no date, so it is not released"),
        (further, None, "99.0.0 was released from another commit"),
    ],
)
def test_what_is_no_release_is_refused_and_nothing_changes(
    project: Project, before: Callable[[Project], None] | None, version: str | None, sentence: str
) -> None:
    if before:
        before(project)
    state = project.git("status", "--porcelain"), project.git("rev-parse", "HEAD")
    with pytest.raises(BuildError, match=sentence):
        release.release(version, tag=True, today=TODAY)
    assert (project.git("status", "--porcelain"), project.git("rev-parse", "HEAD")) == state


def test_a_step_that_fails_takes_the_version_back(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(out: Path) -> list[Path]:
        raise BuildError("no setuptools")

    monkeypatch.setattr(distribution, "build", broken)
    with pytest.raises(BuildError, match="no setuptools"):
        release.release("99.0.0", tag=True, today=TODAY)
    assert project.git("status", "--porcelain") == ""
    assert project.git("tag") == ""


def test_a_machine_without_git_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BuildError, match="A release needs git"):
        release.release("99.0.0", tag=False, today=TODAY)
