"""Known vulnerabilities of whatever is pinned, as the database OSV lists them.

One request names every package: https://google.github.io/osv.dev/post-v1-querybatch/
"""

from __future__ import annotations

import http.client
import json
import re
import urllib.request
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tools.build import runtime
from tools.build.console import ROOT, say

SERVICE = "https://api.osv.dev/v1/querybatch"
PAGE = "https://osv.dev/vulnerability/"
CLEAN, FOUND, UNKNOWN = 0, 1, 2
"""Exit codes; that nothing could be asked must not look as if nothing was found."""

_SECONDS = 30.0


class Unavailable(Exception):
    """The database cannot be reached, or its answer cannot be read."""


def audit(accepted: Collection[str] = (), *, service: str = SERVICE) -> int:
    """Print what is known against a pinned package; an exit code.

    Parameters
    ----------
    accepted : collection of str
        Entries of the database that were looked at and do not concern this project.
    service : str
        The address that is asked.
    """
    pinned = purls()
    try:
        found = known(pinned, service)
    except Unavailable as error:
        say(f"whether anything is known against {len(pinned)} pinned packages is open: {error}")
        return UNKNOWN
    rows = [(purl, name) for purl, names in found.items() for name in names]
    for purl, name in rows:
        print(f"{purl}  {PAGE}{name}{'  (accepted)' if name in accepted else ''}")
    open_ = [name for _, name in rows if name not in accepted]
    say(f"{len(open_) or 'nothing'} known against {len(pinned)} pinned packages")
    return FOUND if open_ else CLEAN


def purls() -> list[str]:
    """Every pinned package: what the environment holds, and what the browser runs."""
    pins = re.findall(r"^([\w.-]+)==(.+)$", (ROOT / "constraints.txt").read_text(), re.M)
    python = [f"pkg:pypi/{_normal(name)}@{version}" for name, version in pins]
    browser = [package.versioned_purl for package in runtime.packages()]
    return list(dict.fromkeys([*python, *browser]))


def known(pinned: Sequence[str], service: str) -> Mapping[str, list[str]]:
    """The names of entries of the database, by the package that they are about.

    Raises
    ------
    Unavailable
        Nothing came, or not an answer for each package.
    """
    asked = json.dumps({"queries": [{"package": {"purl": purl}} for purl in pinned]}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(service, asked, headers)
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as reply:
            results: list[dict[str, Any]] = json.loads(reply.read())["results"]
        names = [[str(one["id"]) for one in result.get("vulns", ())] for result in results]
        return {purl: some for purl, some in zip(pinned, names, strict=True) if some}
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(f"{service} cannot be reached ({error}).") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unavailable(f"{service} sent no answer that can be read ({error!r}).") from error


def _normal(name: str) -> str:
    """A name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
