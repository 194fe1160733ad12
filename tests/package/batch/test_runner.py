"""Every month is computed once, whatever dies meanwhile; what fails is said, the rest goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client

from liqmap import __version__, batch
from liqmap.batch import Progress, Settings
from liqmap.batch.inputs import Window, windows, write_months
from liqmap.batch.runner import month
from liqmap.batch.task import summarised
from liqmap.errors import InputError, Unreachable
from liqmap.files import table
from tests.conftest import ROOT
from tests.support.dying import die_before_renaming
from tests.support.markets import market

SYMBOLS = tuple(f"{coin}-USDT-PERP" for coin in ("ADA", "BTC", "ETH", "SOL", "XRP"))
QUICK = Settings(price_bins=50)


@contextmanager
def cluster(**options: Any) -> Iterator[Client]:
    """A client of workers of this machine: two threads of this process, unless told otherwise."""
    chosen = options or {"n_workers": 1, "threads_per_worker": 2, "processes": False}
    with dask.config.set({"liqmap.cluster.options": chosen}), batch.client() as found:
        yield found


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with cluster() as found:
        yield found


@pytest.fixture
def root(tmp_path: Path) -> str:
    """Five contracts of three days."""
    for more, symbol in enumerate(SYMBOLS):
        write_months(str(tmp_path / "in"), market(symbol=symbol, more=more))
    return str(tmp_path / "in")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def written(out: Path) -> dict[str, int]:
    """When each part was written, by its name."""
    return {path.name: path.stat().st_mtime_ns for path in (out / "parts").iterdir()}


def test_all_months_are_summed_up_in_one_table(client: Client, root: str, out: Path) -> None:
    told: list[Progress] = []
    done = batch.run(root, str(out), client=client, settings=QUICK, progress=told.append, at_once=2)
    assert [one.done for one in told] == [1, 2, 3, 4, 5]
    assert done.progress == told[-1] == Progress(5, computed=5)
    summary = table.read(str(out / "summary.parquet"))
    assert summary.words("symbol") == list(SYMBOLS)
    assert summary.numbers("bars").tolist() == [864, 865, 866, 867, 868]
    for number, window in enumerate(windows(root)):
        plain = summarised(window, QUICK)
        assert summary.numbers("swept_long_quote")[number] == plain.swept_long_quote
        assert summary.numbers("long_cluster_price")[number] == plain.long_cluster_price
    assert (summary.numbers("seconds") > 0).all()
    assert (summary.numbers("peak_bytes") > 10e6).all()
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["finished"]
    assert manifest["settings"]["price_bins"] == 50
    assert set(manifest["parts"].values()) == set(written(out))


def test_a_second_run_computes_nothing(client: Client, root: str, out: Path) -> None:
    batch.run(root, str(out), client=client, settings=QUICK)
    before, summary = written(out), (out / "summary.parquet").read_bytes()
    again = batch.run(root, str(out), client=client, settings=QUICK)
    assert again.progress == Progress(5, found=5)
    assert written(out) == before
    assert (out / "summary.parquet").read_bytes() == summary


def test_only_what_changed_is_computed_anew(client: Client, root: str, out: Path) -> None:
    batch.run(root, str(out), client=client, settings=QUICK)
    before = written(out)
    write_months(root, market(symbol=SYMBOLS[0], more=100))
    again = batch.run(root, str(out), client=client, settings=QUICK)
    assert again.progress == Progress(5, computed=1, found=4)
    assert again.summary.numbers("bars").tolist() == [964, 865, 866, 867, 868]
    assert before.items() < written(out).items(), "the old part is kept"
    other = batch.run(root, str(out), client=client, settings=Settings(price_bins=60))
    assert other.progress.computed == 5


def test_a_damaged_part_is_computed_anew(client: Client, root: str, out: Path) -> None:
    batch.run(root, str(out), client=client, settings=QUICK)
    first = table.read(str(out / "summary.parquet"))
    cut, odd, *_ = sorted((out / "parts").iterdir())
    cut.write_bytes(cut.read_bytes()[:-50])
    table.write(str(odd), table.Table({"venue": ["bybit"]}))
    again = batch.run(root, str(out), client=client, settings=QUICK)
    assert again.progress == Progress(5, computed=2, found=3)
    for name in ("bars", "swept_long_quote", "short_cluster_price"):
        assert again.summary.numbers(name).tolist() == first.numbers(name).tolist()


def test_what_fails_is_said_and_the_rest_goes_on(client: Client, root: str, out: Path) -> None:
    broken = Path(windows(root)[1].market)
    content = broken.read_bytes()
    broken.write_bytes(content[:-200])
    done = batch.run(root, str(out), client=client, settings=QUICK)
    assert done.progress == Progress(5, computed=4, failed=1)
    assert list(done.failed) == ["bybit/BTC-USDT-PERP/1970-01"]
    assert "is damaged" in done.failed["bybit/BTC-USDT-PERP/1970-01"]
    assert json.loads((out / "manifest.json").read_text())["failed"] == done.failed
    assert done.summary.words("symbol") == [one for one in SYMBOLS if one != "BTC-USDT-PERP"]
    broken.write_bytes(content)
    mended = batch.run(root, str(out), client=client, settings=QUICK)
    assert mended.progress == Progress(5, computed=1, found=4)


def test_whoever_stops_a_run_loses_only_what_was_under_way(
    client: Client, root: str, out: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stopped:
        batch.run(root, str(out), client=client, settings=QUICK, progress=stop, at_once=1)
    assert not (out / "summary.parquet").exists()
    assert not json.loads((out / "manifest.json").read_text())["finished"]
    again = batch.run(root, str(out), client=client, settings=QUICK)
    assert again.progress == Progress(5, computed=3, found=2)
    # As long as the stack of the first run is held, Dask remembers its results: not to be used.
    assert stopped.traceback


def test_a_scheduler_that_goes_is_said_and_the_next_run_goes_on(
    client: Client, root: str, out: Path
) -> None:
    with cluster() as other:
        workers: Any = other.cluster

        def close(progress: Progress) -> None:
            if progress.done == 2:
                workers.close()

        with pytest.raises(Unreachable, match="scheduler is gone"):
            batch.run(root, str(out), client=other, settings=QUICK, progress=close, at_once=2)
    again = batch.run(root, str(out), client=client, settings=QUICK)
    assert again.progress.found >= 2
    assert again.progress.found + again.progress.computed == 5


def test_a_worker_of_another_version_is_refused(root: str, out: Path) -> None:
    path = str(out / "parts" / "a.parquet")
    outcome = month(windows(root)[0], QUICK, path, "0.0.1")
    assert outcome.row is None
    assert "Install the same version on all machines." in outcome.failure


def test_storage_that_fails_is_tried_again_and_a_wrong_file_is_not(
    root: str, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(window: Window, settings: Settings) -> None:
        raise InputError("The disk is away.") from OSError("timed out")

    monkeypatch.setattr("liqmap.batch.runner.summarised", broken)
    with pytest.raises(InputError, match="The disk is away"):
        month(windows(root)[0], QUICK, str(out / "parts" / "a.parquet"), __version__)
    monkeypatch.undo()
    missing = replace(windows(root)[0], market=str(out / "missing.parquet"))
    outcome = month(missing, QUICK, str(out / "parts" / "a.parquet"), __version__)
    assert "missing.parquet cannot be read" in outcome.failure


def test_a_worker_killed_in_the_middle_costs_nothing_but_its_task(root: str, out: Path) -> None:
    """The system kills a process that has written a part, and not yet renamed it."""
    marker = out.parent / "died"
    with cluster(n_workers=2) as client:
        assert len(client.run(die_before_renaming, str(marker))) == 2
        done = batch.run(root, str(out), client=client, settings=QUICK)
    process, _, path = marker.read_text().partition(" ")
    assert process.isdigit()
    assert done.progress == Progress(5, computed=5)
    assert Path(path).name in written(out), "what the dead worker was about to write is there"
    assert len(written(out)) == 5, "nothing half-written is left"
    for number, window in enumerate(windows(root)):
        assert done.summary.numbers("swept_long_quote")[number] == (
            summarised(window, QUICK).swept_long_quote
        )


def test_a_cluster_that_is_not_installed_is_said() -> None:
    named = {"liqmap.cluster.class": "dask_nowhere.Cluster"}
    with (
        dask.config.set(named),
        pytest.raises(InputError, match=r"no dask_nowhere\.Cluster.*Install the package"),
        batch.client(),
    ):
        pass


def test_a_cluster_that_runs_already_is_joined(client: Client) -> None:
    address = client.scheduler_info()["address"]
    with dask.config.set({"scheduler-address": address}), batch.client() as other:
        assert other.scheduler_info()["id"] == client.scheduler_info()["id"]


def test_the_script_of_the_documents_runs(
    root: str, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "how-to" / "run-a-cluster.md").read_text()
    (script,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    broken = Path(windows(root)[0].market)
    broken.write_bytes(broken.read_bytes()[:-200])
    monkeypatch.setattr("sys.argv", ["summarise.py", root, str(out)])
    options = {"n_workers": 1, "threads_per_worker": 2, "processes": False}
    with dask.config.set({"liqmap.cluster.options": options}):
        exec(script, {"__name__": "__main__"})
    said = capsys.readouterr().out
    assert "5 of 5, 1 failed" in said
    assert "bybit/ADA-USDT-PERP/1970-01: " in said
    assert table.read(str(out / "summary.parquet")).words("symbol") == list(SYMBOLS[1:])
