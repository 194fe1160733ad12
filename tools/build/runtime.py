"""The browser's runtime: runtime.toml's files, verified, in a store.

The store is content-addressed: a file's name is its sha256, and it is renamed when whole.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.build.console import CACHE, ROOT, BuildError, say
from tools.build.sources import Source, SourceError, source


@dataclass(frozen=True, slots=True)
class File:
    """One file: where it stands in the site, its name at the source, its sha256."""

    path: str
    member: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """Files of one version from one list of sources.

    Of its archives, members that match `left_out` are not shipped, those of `replaced` with
    other content, all other Python but `verbatim` without docstrings and comments.
    """

    name: str
    version: str
    licence: str
    purl: str
    home: str
    sources: tuple[Source, ...]
    files: tuple[File, ...]
    lock: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    replaced: dict[str, str] = field(default_factory=dict)
    verbatim: tuple[str, ...] = ()

    @property
    def versioned_purl(self) -> str:
        """The package of this version, as databases of vulnerabilities name it."""
        return f"{self.purl}@{self.version}"


def packages(text: str | None = None) -> tuple[Package, ...]:
    """What runtime.toml lists."""
    entries = tomllib.loads(text or (ROOT / "runtime.toml").read_text())["package"]
    return tuple(
        Package(
            **{
                **entry,
                "sources": tuple(source(one) for one in entry["sources"]),
                "files": tuple(File(**one) for one in entry["files"]),
            }
        )
        for entry in entries
    )


def stored(file: File, store: Path = CACHE / "runtime") -> Path:
    """Where the file is, or will be, kept."""
    return store / file.sha256


def fetch(wanted: Sequence[Package], store: Path = CACHE / "runtime") -> None:
    """Bring every file that is missing into the store.

    Raises
    ------
    BuildError
        No source answers, or one answers with other bytes than runtime.toml promises.
    """
    store.mkdir(parents=True, exist_ok=True)
    for package in wanted:
        missing = [file for file in package.files if not stored(file, store).exists()]
        if missing:
            _fetch(package, missing, store)


def _fetch(package: Package, missing: Sequence[File], store: Path) -> None:
    files = {file.member: file for file in missing}
    refusals = []
    for origin in package.sources:
        say(f"fetching {package.name} {package.version} from {origin}")
        try:
            for member, content in origin.members(list(files)):
                _verify(package, files[member], origin, content)
                write(stored(files[member], store), content)
                del files[member]
            return
        except SourceError as error:
            refusals.append(f"{origin}: {error}")
    raise BuildError(
        f"{package.name} {package.version} cannot be fetched.\n  "
        + "\n  ".join(refusals)
        + "\n  A machine without a network needs the .cache/ of one that has built before."
    )


def _verify(package: Package, file: File, origin: Source, content: bytes) -> None:
    got = hashlib.sha256(content).hexdigest()
    if got != file.sha256:
        raise BuildError(
            f"{file.path} of {package.name} {package.version} is not the file that "
            f"runtime.toml names.\n  source    {origin}\n  expected  {file.sha256}\n"
            f"  got       {got}\n  It was not kept: someone changed the file, or the pin is wrong."
        )


def write(path: Path, content: bytes) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".half-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
