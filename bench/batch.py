"""How many months of markets a cluster of this machine summarises, and what each costs.

    python3 build.py bench --batch

Two simulated months of five-minute bars with their liquidations, the same for each of a few
contracts. One worker and two take turns, since what else runs here changes. No start of a worker
is counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dask

from liqmap import batch
from liqmap.batch.inputs import month_ms, write_months
from liqmap.simulation import simulate

CONTRACTS = 10
MONTHS = 2
BARS = (31 + 28) * 288
BEGIN_MS = month_ms("2026-01")[0]
ROUNDS = 2
WORKERS = (1, 2)


def figures() -> Iterator[tuple[str, float]]:
    """Throughput by workers, overhead a month, memory a worker, bytes of the files."""
    with TemporaryDirectory() as folder:
        root = f"{folder}/in"
        yield from _files(root)
        per_s: dict[int, float] = {}
        for number in range(ROUNDS):
            for workers in WORKERS:
                out = f"{folder}/{workers}_{number}"
                first_s, second_s, done = _runs(root, out, workers)
                months = done.progress.computed
                per_s[workers] = max(per_s.get(workers, 0.0), months / first_s)
                if workers == 1:
                    busy_s = float(done.summary.numbers("seconds").sum())
                    overhead_s, found_s = (first_s - busy_s) / months, second_s / months
                    cpu_s = float(done.summary.numbers("cpu_seconds").mean())
                    task_s = busy_s / months
                    peak_bytes = float(done.summary.numbers("peak_bytes").max())
        for workers, speed in per_s.items():
            yield f"batch_{workers}_workers_months_per_s", speed
        yield "batch_2_over_1_workers_ratio", per_s[2] / per_s[1]
        yield "batch_month_s", task_s
        yield "batch_month_cpu_s", cpu_s
        yield "batch_overhead_a_month_s", overhead_s
        yield "batch_found_month_s", found_s
        yield "batch_worker_peak_bytes", peak_bytes
        parts = list(Path(out, "parts").iterdir())
        yield "batch_part_bytes", sum(one.stat().st_size for one in parts) / len(parts)
        yield "batch_summary_row_bytes", Path(out, "summary.parquet").stat().st_size / len(parts)


def _files(root: str) -> Iterator[tuple[str, float]]:
    """Write the inputs; their mean sizes."""
    made = simulate(1, bars=BARS)
    bars, samples, known = made.market.candles, made.market.open_interest, made.liquidations
    shift_ms = BEGIN_MS - float(bars.time_ms[0])
    market = replace(
        made.market,
        candles=replace(bars, time_ms=bars.time_ms + shift_ms, end_ms=bars.end_ms + shift_ms),
        open_interest=replace(samples, time_ms=samples.time_ms + shift_ms),
    )
    known = replace(known, time_ms=known.time_ms + shift_ms)
    for number in range(CONTRACTS):
        named = replace(market.instrument, name=f"C{number}-USDT-PERP")
        paths = write_months(root, replace(market, instrument=named), known)
    for kind in ("markets", "liquidations"):
        sizes = [Path(path).stat().st_size for path in paths if f"/{kind}/" in path]
        yield f"batch_{kind}_file_bytes", sum(sizes) / len(sizes)


def _runs(root: str, out: str, workers: int) -> tuple[float, float, batch.Run]:
    """Seconds of a run, and of another that finds all parts; what the first gave."""
    options: dict[str, Any] = {"liqmap.cluster.options": {"n_workers": workers}}
    with dask.config.set(options), batch.client() as client:
        client.wait_for_workers(workers)
        client.run(_imported)
        began = time.perf_counter()
        done = batch.run(root, out, client=client)
        between = time.perf_counter()
        batch.run(root, out, client=client)
        return between - began, time.perf_counter() - between, done


def _imported() -> None:
    """Have a worker import what it needs."""
    import liqmap.batch.task  # noqa: F401
