"""What a venue answers and says, as files: one folder a venue.

    <venue>/manifest.toml        of each file below: which request, which shape, known from where
    <venue>/replies/<name>.json  the whole body of one answer
    <venue>/stream/<name>.json   one message of the WebSocket (.txt where it is no JSON)
    <venue>/errors.json          refusals, and what our adapter must make of each
    <venue>/expected.json        what our adapter must read out of the rest

`python3 build.py capture VENUE` writes the first three from the live venue.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from liqmap.venues.adapter import Reply, Request

FOLDER = Path(__file__).parent.parent / "venues" / "fixtures"
"""One folder of fixtures a venue."""


@dataclass(frozen=True)
class Fixtures:
    """One folder of that layout."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "manifest.toml").read_text())

    @cached_property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = self._json("expected")
        return found

    @cached_property
    def errors(self) -> list[dict[str, Any]]:
        return self._json("errors") if (self.folder / "errors.json").exists() else []

    @cached_property
    def messages(self) -> dict[str, str]:
        """Text of each message of the stream, by name."""
        return {path.stem: path.read_text() for path in sorted((self.folder / "stream").glob("*"))}

    def reply(self, name: str) -> Any:
        """Decoded body of the answer of that name."""
        return self._json(f"replies/{name}")

    def answer(self, request: Request) -> Reply:
        """The answer whose `request` in the manifest is the longest beginning of this one."""
        line = asked(request)
        replies = self.manifest["replies"]
        names = [name for name, one in replies.items() if line.startswith(one["request"])]
        assert names, f"no reply for {line}"
        name = max(names, key=lambda name: len(replies[name]["request"]))
        return Reply(replies[name].get("status", 200), self._bodies[name])

    @cached_property
    def _bodies(self) -> dict[str, bytes]:
        return {path.stem: path.read_bytes() for path in (self.folder / "replies").glob("*")}

    def _json(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text())


@cache
def fixtures(venue: str) -> Fixtures:
    """The fixtures of a venue."""
    return Fixtures(FOLDER / venue)


def asked(request: Request) -> str:
    """A request in one line: path, and body if there is one."""
    return " ".join(part for part in (request.path, request.body) if part)
