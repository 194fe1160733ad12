"""A batch from its first to its last month: submitted, watched, gathered.

A run may be killed at any moment, workers, scheduler or client: the next one finds the parts that
were written and computes the others.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple
from uuid import uuid4

from distributed import Client, Future, KilledWorker, as_completed
from distributed.client import ClosedClientError

from liqmap import __version__
from liqmap.batch import results
from liqmap.batch.inputs import Window, windows
from liqmap.batch.results import Row
from liqmap.batch.task import Settings, summarised
from liqmap.errors import InputError, LiqmapError, Unreachable
from liqmap.files.table import Table

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

AT_ONCE = 1_000
"""Tasks that the scheduler holds: enough for any cluster to stay busy, few enough to stay light."""
RETRIES = 2
"""Of a task whose storage failed. That of a worker that died is begun anew by Dask, three times
unless its configuration says otherwise (`distributed.scheduler.allowed-failures`)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: months in all, computed now, found from before, failed."""

    months: int
    computed: int = 0
    found: int = 0
    failed: int = 0

    @property
    def done(self) -> int:
        """Months that need nothing more."""
        return self.computed + self.found + self.failed


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """What came of a batch.

    Attributes
    ----------
    progress : Progress
        At its end.
    summary : Table
        `results.COLUMNS`, a row a month that did not fail, in the order of their names.
    failed : mapping of str to str
        Why, by the name of a month: `bybit/BTC-USDT-PERP/2026-01`.
    """

    progress: Progress
    summary: Table
    failed: Mapping[str, str] = field(default_factory=dict)


class Outcome(NamedTuple):
    """What a worker gives back of a month: its row, or why there is none."""

    row: Row | None
    computed: bool = False
    failure: str = ""


def run(
    root: str,
    out: str,
    *,
    client: Client,
    settings: Settings | None = None,
    progress: Callable[[Progress], None] | None = None,
    at_once: int = AT_ONCE,
) -> Run:
    """Summarise every month below a root, but those that were summarised before.

    Parameters
    ----------
    root : str
        Where the files of `liqmap.batch.inputs` are; a folder or an address of fsspec that the
        client and all workers reach.
    out : str
        Where those of `liqmap.batch.results` go.
    client : distributed.Client
        Of any cluster; `liqmap.batch.client()` gives one.
    settings : Settings, optional
    progress : callable, optional
        Told after each month. What it raises ends the run, as Ctrl-C does: what is under way is
        called off, what is done stays.
    at_once : int
        Tasks that the scheduler holds at a time.

    Raises
    ------
    InputError
        There is nothing to summarise, or `out` cannot be written to.
    Unreachable
        The scheduler is gone. What is done stays.
    """
    chosen = settings or Settings()
    listed = windows(root)
    parts = {one.name: results.part_path(out, one, chosen) for one in listed}
    results.write_manifest(out, root, chosen, parts, failed={}, finished=False)
    rows: dict[str, Row] = {}
    failed: dict[str, str] = {}
    now = Progress(len(listed))
    for name, outcome in _outcomes(client, listed, chosen, parts, at_once):
        if outcome.row is None:
            failed[name] = outcome.failure
            now = replace(now, failed=now.failed + 1)
        else:
            rows[name] = outcome.row
            kind = "computed" if outcome.computed else "found"
            now = replace(now, **{kind: getattr(now, kind) + 1})
        if progress is not None:
            progress(now)
    summary = results.as_table(rows[name] for name in sorted(rows))
    results.write_summary(out, summary)
    results.write_manifest(out, root, chosen, parts, failed=failed, finished=True)
    results.sweep(out, [parts[name] for name in rows])
    return Run(now, summary, failed)


def month(window: Window, settings: Settings, path: str, version: str) -> Outcome:
    """What a worker does: find the part of a month, or make it and write it.

    Raises
    ------
    LiqmapError
        The storage failed, which may pass.
    """
    try:
        if version != __version__:
            raise InputError(
                f"The worker has liqmap {__version__}, whoever started the run {version}.",
                hint="Install the same version on all machines.",
            )
        row = results.read_row(path)
        if row is not None:
            return Outcome(row)
        began_s, began_cpu_s = time.perf_counter(), time.thread_time()
        row = asdict(summarised(window, settings))
        row["seconds"] = time.perf_counter() - began_s
        row["cpu_seconds"] = time.thread_time() - began_cpu_s
        row["peak_bytes"] = peak_bytes()
        results.write_row(path, row)
        return Outcome(row, computed=True)
    except LiqmapError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError):
            raise
        return Outcome(None, failure=str(error))


def peak_bytes() -> float:
    """The most memory that this process has held; NaN where the system does not say."""
    if resource is None:
        return float("nan")
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def _outcomes(
    client: Client,
    listed: list[Window],
    settings: Settings,
    parts: Mapping[str, str],
    at_once: int,
) -> Iterator[tuple[str, Outcome]]:
    """Name and outcome of each month, as they come; never more than so many are submitted."""
    under_way: dict[Future[Outcome], str] = {}
    this_run = uuid4().hex[:8]

    def submitted(window: Window) -> Future[Outcome]:
        # Dask remembers results by their key, but only the part says what is there now.
        key = f"liqmap-{window.name}-{this_run}"
        arguments = (window, settings, parts[window.name], __version__)
        future = client.submit(month, *arguments, key=key, retries=RETRIES)
        under_way[future] = window.name
        return future

    waiting = iter(listed)
    finished = as_completed(
        [submitted(one) for one in islice(waiting, at_once)],
        loop=client.loop,
        with_results=True,
        raise_errors=False,
    )
    try:
        for future, result in finished:
            name = under_way.pop(future)
            yield name, _outcome(future, result)
            for one in islice(waiting, 1):
                finished.add(submitted(one))
    except ClosedClientError as error:
        raise _gone() from error
    finally:
        if under_way and client.status == "running":
            client.cancel(list(under_way))


def _outcome(future: Future[Outcome], result: Any) -> Outcome:
    """What a future says of a month."""
    if future.status == "finished":
        outcome: Outcome = result
        return outcome
    if future.status != "error":
        raise _gone()
    error = result[1]
    if isinstance(error, KilledWorker):
        return Outcome(
            None,
            failure="Each worker that tried it died. Give a worker more memory or fewer threads.",
        )
    if isinstance(error, LiqmapError):
        return Outcome(None, failure=str(error))
    return Outcome(None, failure=f"{type(error).__name__}: {error}")


def _gone() -> Unreachable:
    return Unreachable("The scheduler is gone.", hint="Run the same again: what is done is found.")
