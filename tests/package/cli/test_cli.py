"""The command `liqmap`: what it prints, what it writes, and how it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

import liqmap
from liqmap import simulation
from liqmap.analysis.clusters import largest_clusters
from liqmap.cli import app
from liqmap.cli.sources import SEED
from liqmap.files import table
from liqmap.files.liquidations import write_liquidations
from liqmap.files.markets import read_market, write_market
from liqmap.picture.viewport import Frame
from liqmap.session.estimates import estimate_in
from liqmap.view import View
from tests.support.markets import market
from tests.support.venue import MARKET
from tools.replay.exchanges import Replay

VIEW = View(range="7d")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with three quiet days."""
    made = str(tmp_path_factory.mktemp("files") / "bybit_BTC-USDT-PERP_5m.parquet")
    write_market(made, market())
    return made


@pytest.fixture(scope="module")
def density(path: str) -> liqmap.Density:
    one = read_market(path)
    return estimate_in(one, Frame.around([one], VIEW), "balance", ())


@pytest.fixture
def bybit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with Replay(MARKET, "bybit") as replay:
        replay.start()
        monkeypatch.setenv("LIQMAP_ORIGINS", f"bybit={replay.origin}")
        yield replay


def run(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app.top, list(arguments), prog_name="liqmap")
    assert done.exit_code == code, done.output
    return done


def as_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def test_every_command_has_help_with_an_example() -> None:
    listed = run("--help").stdout
    for name, command in app.top.commands.items():
        assert name in listed
        said = run(name, "--help").stdout
        assert f"liqmap {name}" in said.partition("Example")[2], name
        assert command.help


def test_an_estimate_says_how_the_price_stands(path: str, density: liqmap.Density) -> None:
    found = as_json("estimate", path)
    spot = market().candles.close[-1]
    assert found["price"] == spot
    assert found["contract"] == "BTC-USDT-PERP"
    long, short = (one[:, -1].sum(dtype=float) for one in (density.long_quote, density.short_quote))
    assert found["longs_below_quote"] == pytest.approx(long)
    assert found["shorts_above_quote"] == pytest.approx(short)
    assert found["nearest_below"]["price"] < spot < found["nearest_above"]["price"]
    assert [one["rate"] for one in found["within"]] == [0.01, 0.02]  # its grid ends before 5 %
    lines = run("estimate", path).stdout.splitlines()
    assert lines[0].split(maxsplit=1) == ["contract", "BTC-USDT-PERP, bybit"]
    assert "estimated" in lines[3]


def test_a_simulation_is_labelled() -> None:
    assert "SIMULATED" in run("estimate", "demo").stdout
    assert as_json("estimate", "demo")["simulated"]


def test_a_profile_holds_what_the_last_column_holds(path: str, density: liqmap.Density) -> None:
    bins = as_json("profile", path, "--rows", "7")["bins"]
    assert len(bins) == 7
    assert bins[0]["low_price"] == density.price_edges[0]
    assert bins[-1]["high_price"] == density.price_edges[-1]
    assert [one["high_price"] for one in bins[:-1]] == [one["low_price"] for one in bins[1:]]
    total = density.long_quote[:, -1].sum(dtype=float)
    assert sum(one["long_quote"] for one in bins) == pytest.approx(total)


def test_levels_are_the_largest_clusters(path: str, density: liqmap.Density) -> None:
    found = as_json("levels", path, "--count", "4")["clusters"]
    expected = largest_clusters(density, float(market().candles.close[-1]), 4)
    assert [one["price"] for one in found] == [one.price for one in expected]
    assert [one["amount_quote"] for one in found] == [one.amount_quote for one in expected]


def test_levels_of_the_history_need_liquidations() -> None:
    found = as_json("levels", "demo", "--liquidations", "demo", "--count", "3")["levels"]
    assert len(found) == 3
    assert found[0]["amount_quote"] >= found[1]["amount_quote"] > 0
    table_said = run("levels", "demo", "--liquidations", "demo", "--count", "3").stdout
    assert "held  broken" in table_said


def test_a_cascade_into_a_thin_book_goes_further(path: str) -> None:
    ends = [
        as_json("cascade", path, "--shock", "-4", "--depth", depth)["final_price"]
        for depth in ("1e9", "1e2")
    ]
    spot = float(market().candles.close[-1])
    assert ends[1] < ends[0] <= spot * 0.96 + 1e-9
    assert (
        "a bound, not a forecast" in run("cascade", path, "--shock", "2", "--depth", "1e6").stdout
    )


def test_a_file_has_no_book(path: str) -> None:
    assert "--depth 50e6" in run("cascade", path, "--shock", "-4", code=1).output


def test_a_venue_lends_its_book(bybit: Replay) -> None:
    found = as_json("cascade", "bybit:BTC", "--shock", "-3", "--range", "24h")
    assert found["final_price"] < 0.97 * found["price"] * (1 + 1e-9)
    assert any("orderbook" in one for one in bybit.requests)


def test_a_position_is_liquidated_where_the_tiers_say(path: str) -> None:
    found = as_json(
        *("position", path, "--side", "long", "--entry", "100", "--size", "1000"),
        *("--leverage", "10"),
    )
    expected = liqmap.liquidation_price(100.0, 10.0, 1, 0.005)
    assert found["liquidation_price"] == pytest.approx(float(expected))
    assert found["bankruptcy_price"] == pytest.approx(90.0)
    assert found["tiers"] == "assumed"
    assert found["long_quote"] > 0


def test_a_score_stands_beside_baselines(tmp_path: Path) -> None:
    simulated = simulation.simulate(SEED)
    one, tape = str(tmp_path / "market.parquet"), str(tmp_path / "tape.parquet")
    write_market(one, simulated.market)
    name = simulated.market.instrument.name
    write_liquidations(tape, {(simulated.market.venue, name): simulated.liquidations})
    found = as_json("score", one, "--liquidations", tape)
    rows = {row["name"]: row["long"]["value"] for row in found["rows"]}
    assert rows["balance"] > rows["range × open interest"]
    assert found == as_json("score", "demo", "--liquidations", "demo")
    said = run("score", one, "--liquidations", tape).stdout
    assert "rank correlation" in said.splitlines()[0]


def test_liquidations_of_another_contract_are_refused(path: str, tmp_path: Path) -> None:
    tape = str(tmp_path / "tape.csv")
    write_liquidations(tape, {("okx", "ETH-USDT-PERP"): simulation.simulate(SEED).liquidations})
    output = run("score", path, "--liquidations", tape, code=1).output
    assert "no liquidations of BTC-USDT-PERP. It holds ETH-USDT-PERP." in output


def test_fetching_keeps_what_the_venue_remembers(bybit: Replay, tmp_path: Path) -> None:
    out = str(tmp_path / "btc.parquet")
    found = as_json("fetch", "bybit:BTC", "--days", "1", "-o", out)
    read = read_market(out)
    assert found["bars"] == len(read.candles)
    np.testing.assert_array_equal(read.candles.close, MARKET.bars.close[-len(read.candles) :])
    assert read.instrument.name == "BTC-USDT-PERP"
    assert read.maintenance is not None


def test_exports(path: str, density: liqmap.Density, tmp_path: Path) -> None:
    made = {kind: str(tmp_path / f"out{kind}") for kind in (".parquet", ".json", ".png", ".html")}
    for one in made.values():
        assert run("export", path, one).stdout == f"{one}\n"
    bins = table.read(made[".parquet"])
    assert bins.numbers("long_base").sum() == pytest.approx(density.long_base.sum(dtype=float))
    now = json.loads(Path(made[".json"]).read_text())
    assert now["what"] == "exposure, estimated; not liquidations"
    assert len(now["price_edges"]) == len(now["long_quote"]) + 1
    with Image.open(made[".png"]) as picture:
        assert picture.size == (1400, 800)
        assert picture.getpixel((0, 0)) == (0x0D, 0x10, 0x18)
    assert "BTC-USDT-PERP · Bybit · exposure" in Path(made[".html"]).read_text()
    assert "expected a name that ends in" in run("export", path, "map.xlsx", code=1).output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("estimate", "nothing.csv"), "There is no file nothing.csv."),
        (("estimate", "demo", "--range", "8d"), "--range: there is no “8d”."),
        (("estimate", "demo", "--model", "oracle"), "--model: there is no “oracle”."),
        (("fetch", "BTC"), "“BTC” names no venue."),
        (("record", "bybit"), "“bybit” names no contract."),
        (("serve", "nowhere"), "nowhere holds no built page."),
        (("cascade", "demo", "--shock", "40", "--depth", "1"), "expected −20 to 20 per cent"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_code_1(
    arguments: tuple[str, ...], says: str
) -> None:
    done = run(*arguments, code=1)
    assert says in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.output


def test_a_venue_that_does_not_answer_is_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, bybit: Replay
) -> None:
    bybit.fail("down")
    done = run("estimate", "bybit:BTC", code=app.AGAIN)
    assert "cannot be reached" in done.stderr


def test_a_wrong_command_line_is_exit_code_2() -> None:
    run("estimate", code=2)
    run(
        "position", "demo", "--side", "up", "--entry", "1", "--size", "1", "--leverage", "2", code=2
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete(shell: str) -> None:
    assert "_LIQMAP_COMPLETE" in run("completion", shell).stdout
    asked = {"_LIQMAP_COMPLETE": f"{shell}_complete", "COMP_WORDS": "liqmap es", "COMP_CWORD": "1"}
    if shell == "fish":
        asked["COMP_CWORD"] = "es"
    done = CliRunner().invoke(app.top, [], prog_name="liqmap", env=asked)
    assert "estimate" in done.stdout
    assert "cascade" not in done.stdout


def test_nobody_who_does_not_watch_is_told_how_far_it_is(bybit: Replay) -> None:
    done = run("estimate", "bybit:BTC", "--range", "24h")
    assert done.stderr == ""
    assert done.stdout.startswith("contract")
