"""Thousands of months of markets estimated, scored and summarised by a Dask cluster."""

from liqmap.batch.clusters import client
from liqmap.batch.runner import Progress, Run, run
from liqmap.batch.task import Settings

__all__ = ["Progress", "Run", "Settings", "client", "run"]
