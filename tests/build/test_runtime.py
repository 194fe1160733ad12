"""The runtime's files arrive whole and as pinned, or the build says why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools.build import runtime
from tools.build.console import BuildError
from tools.build.runtime import File, Package
from tools.build.sources import SourceError


@dataclass
class FakeSource:
    """A source of our own: what it holds, and when it breaks off."""

    holds: dict[str, bytes]
    breaks_after: int = 99
    asked: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "the fake source"

    def members(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        for count, name in enumerate(names):
            if count >= self.breaks_after or name not in self.holds:
                raise SourceError("the line went dead")
            self.asked.append(name)
            yield name, self.holds[name]


ONE, TWO = b"one" * 1000, b"two" * 1000


def pinned(*sources: FakeSource) -> Package:
    """Two files, pinned to ONE and TWO."""
    files = tuple(
        File(f"runtime/x/{name}", name, hashlib.sha256(content).hexdigest())
        for name, content in (("one", ONE), ("two", TWO))
    )
    return Package("x", "1.0", "MIT", "pkg:npm/x", "", sources, files)


def kept(store: Path) -> set[bytes]:
    return {path.read_bytes() for path in store.iterdir()}


def test_files_are_kept_under_their_digest(tmp_path: Path) -> None:
    package = pinned(FakeSource({"one": ONE, "two": TWO}))
    runtime.fetch([package], tmp_path)
    assert runtime.stored(package.files[0], tmp_path).read_bytes() == ONE
    assert runtime.stored(package.files[1], tmp_path).read_bytes() == TWO


def test_other_bytes_stop_the_build_and_are_not_kept(tmp_path: Path) -> None:
    """The message names file, source, expected and got; no later source is tried."""
    second = FakeSource({"one": ONE, "two": TWO})
    package = pinned(FakeSource({"one": ONE, "two": b"something else"}), second)
    with pytest.raises(BuildError) as caught:
        runtime.fetch([package], tmp_path)
    for word in (
        "runtime/x/two",
        "the fake source",
        package.files[1].sha256,
        hashlib.sha256(b"something else").hexdigest(),
    ):
        assert word in str(caught.value)
    assert kept(tmp_path) == {ONE}
    assert not second.asked


def test_the_next_source_gives_what_is_still_missing(tmp_path: Path) -> None:
    first = FakeSource({"one": ONE, "two": TWO}, breaks_after=1)
    second = FakeSource({"one": ONE, "two": TWO})
    runtime.fetch([pinned(first, second)], tmp_path)
    assert (first.asked, second.asked) == (["one"], ["two"])
    assert kept(tmp_path) == {ONE, TWO}


def test_no_source_answers(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="the line went dead"):
        runtime.fetch([pinned(FakeSource({}), FakeSource({}))], tmp_path)
    assert kept(tmp_path) == set()


def test_a_filled_store_asks_nobody(tmp_path: Path) -> None:
    runtime.fetch([pinned(FakeSource({"one": ONE, "two": TWO}))], tmp_path)
    silent = FakeSource({})
    runtime.fetch([pinned(silent)], tmp_path)
    assert silent.asked == []


def test_an_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file stays and no half of the new one lies beside it."""
    target = tmp_path / "file"
    runtime.write(target, b"old")

    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runtime.write(target, b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"old"}


def test_every_file_is_pinned_once() -> None:
    files = [file for package in runtime.packages() for file in package.files]
    assert len({file.path for file in files}) == len(files)
    for file in files:
        assert file.path.startswith("runtime/")
        assert len(bytes.fromhex(file.sha256)) == 32
