"""Live answers of a venue, written as fixtures are; for whoever has a network."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.build import wheel
from tools.build.console import ROOT, BuildError, say

FOLDER = ROOT / "captures"
LISTEN_S = 15.0


def capture(
    venue: str,
    out: Path | None = None,
    *,
    origin: str | None = None,
    stream: str | None = None,
    listen_s: float = LISTEN_S,
) -> Path:
    """Ask a venue everything that its adapter asks, listen for some seconds, and keep it all.

    Parameters
    ----------
    venue : str
        A name of `liqmap.venues.registry`.
    out : Path, optional
        A folder; default: captures/VENUE, which git ignores.
    origin, stream : str, optional
        Addresses that stand in for the venue's own.

    Raises
    ------
    BuildError
        The venue is not known, or cannot be reached.
    """
    found = _asked(venue, origin)
    folder, now = out or FOLDER / venue, f"{datetime.now(UTC):%Y-%m-%d}"
    replies, heard = found["replies"], _heard(found["stream"], stream, listen_s)
    for name, why in found["failed"].items():
        say(f"{name}: {why}")
    manifest = {
        "replies": {
            line: {
                "method": one["method"],
                "endpoint": line.partition(" ")[0].partition("?")[0],
                "url": one["url"],
                "status": one["status"],
                "shape_date": now,
                "kind": "captured",
                "fields": sorted(field_names(one["body"])),
            }
            for line, one in replies.items()
        },
        "stream": [
            {"shape_date": now, "kind": "captured", "fields": sorted(field_names(message))}
            for message in heard
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "replies.json", {line: one["body"] for line, one in replies.items()})
    _write(folder / "stream.json", [{"message": message} for message in heard])
    _write(folder / "manifest.json", manifest)
    return folder


def field_names(content: Any) -> set[str]:
    """Names of all fields, at any depth."""
    if isinstance(content, dict):
        return set(content).union(*map(field_names, content.values()))
    return set().union(*map(field_names, content)) if isinstance(content, list) else set()


def _asked(venue: str, origin: str | None) -> dict[str, Any]:
    """What `liqmap.capture` prints, from a fresh interpreter."""
    known = (wheel.PACKAGE / "venues" / f"{venue}.py").exists()
    if not known or venue in ("adapter", "parse", "refusals", "registry", "requests", "__init__"):
        raise BuildError(f"There is no venue {venue!r}; see www/py/liqmap/venues/registry.py.")
    command = [sys.executable, "-X", "utf8", "-m", "liqmap.capture", venue]
    command += [origin] if origin else []
    done = subprocess.run(command, cwd=wheel.PACKAGE.parent, capture_output=True, check=False)
    if done.returncode:
        last = done.stderr.decode().strip().splitlines()[-1:]
        raise BuildError(f"{' '.join(last)} A capture needs a network that reaches the venue.")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _heard(told: dict[str, str] | None, stream: str | None, listen_s: float) -> list[Any]:
    """Messages of the stream for some seconds; what cannot be heard is said."""
    if told is None:
        return []
    import websocket

    messages: list[Any] = []
    try:
        with closing(websocket.create_connection(stream or told["url"], timeout=listen_s)) as line:
            line.send(told["subscribe"])
            until_s = time.monotonic() + listen_s
            while (left_s := until_s - time.monotonic()) > 0:
                line.settimeout(left_s)
                messages.append(_content(line.recv()))
    except websocket.WebSocketTimeoutException:
        pass  # silence is no sign of trouble: liquidations are rare
    except (OSError, websocket.WebSocketException) as error:
        say(f"stream: {error}")
    return messages


def _content(message: str | bytes) -> Any:
    try:
        return json.loads(message)
    except ValueError:
        return message if isinstance(message, str) else message.decode("utf-8", "replace")


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
