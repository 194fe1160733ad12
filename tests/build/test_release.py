"""A release: refused with a reason, or made whole; its tag gives the same bytes again."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tools.build import changelog, distribution, release, sbom, site, wheel
from tools.build.console import BuildError

TODAY = date(2030, 1, 2)
SITE = {"b.js": b"1", "a/page.html": b"<p>"}
INIT = "www/py/liqmap/__init__.py"
CHANGELOG = "# Changelog\n\n## [unreleased]\n\n### Added\n\n- A thing.\n\n## [0.0.1] - unreleased\n"


class Project:
    """A repository with the package's version and a changelog."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / INIT).parent.mkdir(parents=True)
        shutil.copyfile(wheel.PACKAGE / "__init__.py", folder / INIT)
        (folder / ".gitignore").write_text("/release/\n")
        self.git("init", "--quiet")
        self.write("CHANGELOG.md", CHANGELOG)

    def git(self, *arguments: str) -> str:
        """What git says."""
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        """Change a file, and commit everything."""
        (self.folder / name).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "As it is")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """One that the release works on; its site is two files, its sdist one, its git is nobody's."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "someone@example")
    made = Project(tmp_path / "project")
    monkeypatch.setattr(release, "ROOT", made.folder)
    monkeypatch.setattr(release, "FOLDER", made.folder / "release")
    monkeypatch.setattr(release, "_INIT", made.folder / INIT)
    monkeypatch.setattr(wheel, "PACKAGE", made.folder / "www" / "py" / "liqmap")
    monkeypatch.setattr(changelog, "FILE", made.folder / "CHANGELOG.md")
    monkeypatch.setattr(site, "build", dict)
    monkeypatch.setattr(site, "files", lambda: SITE)
    monkeypatch.setattr(distribution, "build", built)
    monkeypatch.setattr(sbom, "sbom", lambda version, day: f"{version} {day}".encode())
    return made


def built(out: Path) -> list[Path]:
    """In place of what setuptools builds of the package's version."""
    path = out / f"liqmap-{wheel.version()}.tar.gz"
    path.write_bytes((wheel.PACKAGE / "__init__.py").read_bytes())
    return [path]


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
    summed = {"liqmap-99.0.0.tar.gz", "dist.zip", "sbom.cdx.json"}
    assert set(made) == summed | {"SHA256SUMS", "NOTES.md"}
    assert made["SHA256SUMS"].decode() == "".join(
        f"{hashlib.sha256(made[name]).hexdigest()}  {name}\n" for name in sorted(summed)
    )
    with zipfile.ZipFile(project.folder / "release" / "99.0.0" / "dist.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == SITE
    assert made["sbom.cdx.json"] == b"99.0.0 2030-01-02"
    assert made["NOTES.md"] == b"### Added\n\n- A thing.\n"
    assert files(release.release(None, tag=False, today=date(2031, 1, 1))) == made


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
    (project.folder / "CHANGELOG.md").write_text("half done")


def tagged(project: Project) -> None:
    project.git("tag", "v99.0.0")


def silent(project: Project) -> None:
    project.write("CHANGELOG.md", "# Changelog\n\n## [unreleased]\n")


def further(project: Project) -> None:
    release.release("99.0.0", tag=True, today=TODAY)
    project.write("README.md", "Something else")


@pytest.mark.parametrize(
    ("before", "version", "sentence"),
    [
        (dirty, "99.0.0", "There are changes that are not committed"),
        (None, wheel.version(), "is no next version: the package is at "),
        (None, "0.0.9", "is no next version: the package is at "),
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
