"""The cluster that a batch runs on: Dask's configuration names it, so a script need not.

    liqmap:
      cluster:
        class: dask_jobqueue.SLURMCluster     default: distributed.LocalCluster
        options: {}                           arguments of the class
        workers: 40                           scaled to so many; default: as the class begins

Such a file stands where Dask looks for it (`~/.config/dask/`). `DASK_SCHEDULER_ADDRESS` in the
environment, or `scheduler-address` in a file, names a cluster that runs already, and goes first.
"""

from __future__ import annotations

import os
import pydoc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask
from distributed import Client

from liqmap.errors import InputError

LOCAL = "distributed.LocalCluster"
LOCAL_OPTIONS = {
    # Most of a task is Python, of which a process runs one thread at a time.
    "n_workers": os.cpu_count() or 1,
    "threads_per_worker": 1,
    # No dashboard, and no fixed port for what Dask serves in its place.
    "dashboard_address": "127.0.0.1:0",
    "scheduler_kwargs": {"dashboard": False},
}


@contextmanager
def client() -> Iterator[Client]:
    """A client of the cluster that is configured, else of all processors of this machine.

    A cluster that was started for it is closed with it.

    Raises
    ------
    InputError
        The class that is named is not installed.
    """
    if dask.config.get("scheduler-address", None):
        with Client() as found:
            yield found
        return
    name = dask.config.get("liqmap.cluster.class", LOCAL)
    options: dict[str, Any] = LOCAL_OPTIONS if name == LOCAL else {}
    options = options | dask.config.get("liqmap.cluster.options", {})
    kind: Any = pydoc.locate(name)
    if kind is None:
        raise InputError(
            f"There is no {name}, which Dask's configuration names as liqmap.cluster.class.",
            hint="Install the package that it is in.",
        )
    workers = dask.config.get("liqmap.cluster.workers", 0)
    with kind(**options) as cluster, Client(cluster) as found:
        if workers:
            cluster.scale(workers)
        yield found
