"""A release: version, changelog, site, wheel and sdist, bill of materials, checksums, tag.

What is made for a version depends on the commit alone, so that whoever builds its tag gets
the same bytes; `release/VERSION/SHA256SUMS` lists them.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tools.build import archive, changelog, distribution, runtime, sbom, site, wheel
from tools.build.console import ROOT, BuildError, say

FOLDER = ROOT / "release"
_INIT = wheel.PACKAGE / "__init__.py"


def release(version: str | None, *, tag: bool, today: date) -> Path:
    """The folder with everything that is published of a version.

    Parameters
    ----------
    version : str, optional
        The next version: it is written into the package and the changelog. None makes the
        files of the version that was committed, as for its tag.
    tag : bool
        Commit the new version and tag it; else say how.
    today : date
        Of a new version.

    Raises
    ------
    BuildError
        Something is not committed, the version exists or is not a next one, the changelog
        does not fit, or something cannot be built; the project's files are then as they were.
    """
    if changed := _git("status", "--porcelain"):
        raise BuildError(f"There are changes that are not committed; commit or stash:\n{changed}")
    before = {path: path.read_bytes() for path in (_INIT, changelog.FILE)}
    try:
        if version is not None:
            _set(version, today)
        chosen = wheel.version()
        folder = make(chosen, changelog.day_of(changelog.FILE.read_text(), chosen))
    except BaseException:
        for path, content in before.items():
            path.write_bytes(content)
        raise
    commands = [["tag", "--annotate", f"v{chosen}", "--message", f"liqmap {chosen}"]]
    if version is not None:
        commands.insert(0, ["commit", "--all", "--message", f"Release {chosen}"])
    elif _tagged(chosen):
        commands = []
    _finish(commands, tag=tag)
    return folder


def make(version: str, day: date) -> Path:
    """Everything of the version that the project has now, in a folder of its own."""
    _refuse_another_commit(version)
    folder = FOLDER / version
    shutil.rmtree(folder, ignore_errors=True)
    site.build()
    runtime.write(folder / "dist.zip", archive.zipped(dict(sorted(site.files().items()))))
    distribution.build(folder)
    runtime.write(folder / "sbom.cdx.json", sbom.sbom(version, day))
    sums = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    )
    runtime.write(folder / "SHA256SUMS", "".join(sums).encode())
    notes = changelog.notes(changelog.FILE.read_text(), version)
    runtime.write(folder / "NOTES.md", f"{notes}\n".encode())
    return folder


def _set(version: str, today: date) -> None:
    """Write a next version into the package and the changelog."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise BuildError(f"“{version}” is no version: give three numbers, such as 1.2.0.")
    present = wheel.version()
    if _numbers(version) <= _numbers(present):
        raise BuildError(f"{version} is no next version: the package is at {present}.")
    if _tagged(version):
        raise BuildError(f"The tag v{version} exists already: give the next version.")
    text = changelog.released(changelog.FILE.read_text(), version, today)
    changelog.FILE.write_text(text)
    line = '__version__ = "{}"'.format
    _INIT.write_text(_INIT.read_text().replace(line(present), line(version)))


def _refuse_another_commit(version: str) -> None:
    tagged = _tagged(version)
    if tagged and tagged != _git("rev-parse", "HEAD"):
        raise BuildError(
            f"{version} was released from another commit. `git checkout v{version}` makes its "
            "files again; `python3 build.py release VERSION` makes the next version."
        )


def _finish(commands: Sequence[Sequence[str]], *, tag: bool) -> None:
    """Run what git has to do, or say it."""
    for command in commands if tag else ():
        _git(*command)
    remaining = [] if tag else [shlex.join(["git", *command]) for command in commands]
    if commands:
        remaining.append("git push --follow-tags")
        say("what remains: " + " && ".join(remaining))


def _tagged(version: str) -> str:
    """The commit that has the version's tag, or nothing."""
    listed = _git("for-each-ref", f"refs/tags/v{version}", "--format=%(objectname) %(*objectname)")
    return listed.rpartition(" ")[2]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise BuildError("A release needs git, which is not installed here.") from error
    if done.returncode:
        raise BuildError(f"`git {arguments[0]}` failed: {done.stderr.strip()}")
    return done.stdout.strip()
