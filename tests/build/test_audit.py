"""Whatever is pinned is asked about once; what is found is told, and so is that nobody answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tools.build import audit
from tools.build.listener import Handler, Listener

NUMPY, PYSCRIPT = "pkg:pypi/numpy@2.4.3", "pkg:npm/%40pyscript/core@0.7.31"
FLAWS = {
    NUMPY: ["GHSA-aaaa-bbbb-cccc", "PYSEC-1999-1"],
    PYSCRIPT: ["GHSA-dddd-eeee-ffff"],
}


class Database(Listener):
    """Answers in the shape of OSV: a result for each query, an empty one where nothing is known."""

    def __init__(self) -> None:
        super().__init__(Answers)
        self.flaws: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.spoils: Callable[[bytes], bytes] = bytes
        self.status = 200


class Answers(Handler):
    server: Database

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        purls = [one["package"]["purl"] for one in json.loads(body)["queries"]]
        self.server.asked += purls
        results = [
            {"vulns": [{"id": name, "modified": "2026-01-02T03:04:05.678Z"} for name in names]}
            if (names := self.server.flaws.get(purl))
            else {}
            for purl in purls
        ]
        content = self.server.spoils(json.dumps({"results": results}).encode())
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.write(content)


@pytest.fixture
def database() -> Iterator[Database]:
    with Database() as listening:
        listening.start()
        yield listening


def test_python_and_the_browser_s_packages_are_asked_about_once(database: Database) -> None:
    assert audit.audit(service=database.origin) == audit.CLEAN == 0
    assert len(database.asked) == len(set(database.asked))
    expected = {
        NUMPY,
        PYSCRIPT,
        "pkg:npm/%40bokeh/bokehjs@3.9.2",
        "pkg:npm/pyodide@314.0.3",
        "pkg:pypi/jinja2@3.1.6",
        "pkg:pypi/mypy-extensions@1.2.0",
    }
    assert expected <= set(database.asked)


def test_what_is_known_is_told_with_its_address(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    database.flaws = FLAWS
    assert audit.audit(service=database.origin) == audit.FOUND == 1
    told = capsys.readouterr()
    assert set(told.out.splitlines()) == {
        f"{NUMPY}  https://osv.dev/vulnerability/GHSA-aaaa-bbbb-cccc",
        f"{NUMPY}  https://osv.dev/vulnerability/PYSEC-1999-1",
        f"{PYSCRIPT}  https://osv.dev/vulnerability/GHSA-dddd-eeee-ffff",
    }
    assert "3 known against" in told.err


def test_what_was_accepted_is_told_and_does_not_fail(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    database.flaws = {PYSCRIPT: FLAWS[PYSCRIPT]}
    assert audit.audit(FLAWS[PYSCRIPT], service=database.origin) == audit.CLEAN
    assert capsys.readouterr().out.endswith("GHSA-dddd-eeee-ffff  (accepted)\n")
    database.flaws = FLAWS
    assert audit.audit(FLAWS[PYSCRIPT], service=database.origin) == audit.FOUND


@pytest.mark.parametrize(
    ("status", "spoils"),
    [
        (200, lambda content: content[:-20]),
        (200, lambda content: b'{"results": [{}]}'),
        (200, lambda content: b'{"code": 3, "message": "Invalid query"}'),
        (200, lambda content: b"[]"),
        (200, lambda content: b'{"results": [null]}'),
        (503, bytes),
    ],
)
def test_an_answer_that_says_nothing_is_not_taken_for_a_good_one(
    database: Database,
    capsys: pytest.CaptureFixture[str],
    status: int,
    spoils: Callable[[bytes], bytes],
) -> None:
    database.status, database.spoils = status, spoils
    assert audit.audit(service=database.origin) == audit.UNKNOWN == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "whether anything is known" in told.err


def test_a_database_out_of_reach_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with Database() as closed:
        origin = closed.origin
    assert audit.audit(service=origin) == audit.UNKNOWN
    assert f"{origin} cannot be reached" in capsys.readouterr().err
