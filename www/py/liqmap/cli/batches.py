"""`liqmap batch`: months of many markets, on this machine or on a cluster."""

from __future__ import annotations

import sys

import click

from liqmap.cli.output import Progress, json_option, print_json
from liqmap.errors import NotInstalled
from liqmap.words import number


@click.command(
    epilog="\b\nExamples:\n  liqmap fetch bybit:BTC --days 90 --months data\n"
    "  liqmap batch data results\n"
    "  DASK_SCHEDULER_ADDRESS=tcp://10.0.0.1:8786 liqmap batch s3://mine/data s3://mine/results"
)
@click.argument("root", metavar="ROOT")
@click.argument("out", metavar="OUT")
@click.option("--model", default="balance", show_default=True)
@json_option
def batch(root: str, out: str, model: str, as_json: bool) -> None:
    """Summarise every month of every market below ROOT; what OUT holds already is not done again.

    All processors of this machine work, or the cluster that Dask's configuration names.
    """
    with NotInstalled.unless("batch", "liqmap batch"):
        from liqmap.batch.clusters import client  # noqa: PLC0415 - it needs Dask
        from liqmap.batch.runner import Progress as Done  # noqa: PLC0415
        from liqmap.batch.runner import run  # noqa: PLC0415
        from liqmap.batch.task import Settings  # noqa: PLC0415
    with Progress() as bar, client() as workers:

        def tell(now: Done) -> None:
            bar.tell("Months", now.done, now.months)

        done = run(root, out, client=workers, settings=Settings(model=model), progress=tell)
    now = done.progress
    for name, why in done.failed.items():
        click.echo(f"{name}: {why}", err=True)
    if as_json:
        found = {"months": now.months, "computed": now.computed, "found": now.found}
        print_json({**found, "failed": dict(done.failed)})
    else:
        computed, found_before = number(now.computed), number(now.found)
        click.echo(f"{computed} months computed, {found_before} found, {now.failed} failed: {out}")
    if done.failed:
        sys.exit(1)
