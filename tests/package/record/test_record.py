"""A recording: what is written, what survives a crash, what is read back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.errors import InputError
from liqmap.record.journal import Journal, rows_of
from liqmap.record.listening import record
from liqmap.record.tapes import HEAD, ContractTape, read_tape
from tests.support.venue import MARKET
from tools.build.console import ROOT
from tools.replay.exchanges import Replay
from tools.replay.streams import ReplayStream

DAY_MS = 86_400_000
NOON_MS = 20_000 * DAY_MS + DAY_MS // 2
BTC = "BTC-USDT-PERP"


def one(time_ms: float, price: float = 90_000.5) -> Liquidations:
    return Liquidations.sorted([time_ms], [1], [price], [0.25])


# ------------------------------------------------------------------ files


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "one.csv"
    with Journal(path, ("a", "b")) as journal:
        journal.append([(1764547200000, 0.1), (2, 1 / 3)])
    assert path.read_text() == "a,b\n1764547200000,0.1\n2,0.333333333333333\n"
    assert rows_of(path)[0] == [1764547200000, 0.1]


@pytest.mark.parametrize("cut", [1, 5, 9])
def test_a_row_that_a_crash_has_cut_is_taken_away(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    with Journal(path, ("a", "b")) as journal:
        journal.append([(1, 2), (3000, 4000)])
    path.write_bytes(path.read_bytes()[:-cut])
    assert rows_of(path) == [[1, 2]]
    with Journal(path, ("a", "b")) as journal:
        journal.append([(5, 6)])
    assert path.read_text() == "a,b\n1,2\n5,6\n"


def test_another_file_is_never_written_to(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("dear diary\n")
    with pytest.raises(InputError, match="another kind of file"):
        Journal(path, HEAD)
    assert path.read_text() == "dear diary\n"


def test_a_damaged_row_is_said(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("a,b\n1,2\nx,3\n4,5\n")
    with pytest.raises(InputError, match="is damaged"):
        rows_of(path)


def test_each_day_has_a_file_and_each_row_its_day(tmp_path: Path) -> None:
    with ContractTape(tmp_path, "bybit", BTC) as tape:
        tape.add(one(NOON_MS))
        tape.add(one(NOON_MS + DAY_MS))
        tape.add(one(NOON_MS + 1))  # late
    files = sorted(path.name for path in (tmp_path / "bybit" / BTC).iterdir())
    assert files == ["2024-10-04.csv", "2024-10-05.csv", "watched.csv"]
    read = read_tape(tmp_path).of(BTC, "bybit")
    assert read.time_ms.tolist() == [NOON_MS, NOON_MS + 1, NOON_MS + DAY_MS]
    assert read.quantity_base.tolist() == [0.25] * 3


def test_what_a_venue_sends_again_is_written_once_also_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        with ContractTape(tmp_path, "bybit", BTC) as tape:
            tape.add(one(NOON_MS))
            assert len(tape.add(one(NOON_MS))) == 0
    assert len(read_tape(tmp_path)) == 1


def test_times_of_listening_are_joined(tmp_path: Path) -> None:
    with ContractTape(tmp_path, "bybit", BTC) as tape:
        for start, end in ((0, 10), (10, 25), (40, 50), (60, 60)):
            tape.watch(start, end)
    assert read_tape(tmp_path).watched("bybit", BTC) == ((0, 25), (40, 50))


def test_a_folder_without_a_recording_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no recording"):
        read_tape(tmp_path)


# ------------------------------------------------------------------ listening


@pytest.fixture
def venue() -> Iterator[tuple[Replay, ReplayStream]]:
    with Replay(MARKET, "bybit") as replay, ReplayStream(MARKET, "bybit") as stream:
        replay.start()
        stream.start()
        yield replay, stream


def recorded(
    venue: tuple[Replay, ReplayStream],
    folder: Path,
    act: Callable[[ReplayStream], None],
    until: Callable[[list[float], list[str]], bool],
) -> list[str]:
    """Record while `act` runs aside, until the prices heard and the sentences are enough."""
    replay, stream = venue
    said: list[str] = []
    prices: list[float] = []

    async def run() -> None:
        done = asyncio.Event()

        def check() -> None:
            if until(prices, said):
                done.set()

        def heard(_venue: str, _name: str, new: Liquidations) -> None:
            prices.extend(new.price.tolist())
            check()

        def tell(sentence: str) -> None:
            said.append(sentence)
            check()

        work = asyncio.create_task(
            record(
                [("bybit", BTC)],
                folder,
                heard=heard,
                tell=tell,
                origins={"bybit": replay.origin},
                streams={"bybit": stream.url},
            )
        )
        acting = asyncio.create_task(asyncio.to_thread(act, stream))
        waiting = asyncio.create_task(done.wait())
        await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        await acting
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert done.is_set(), (prices, said)

    asyncio.run(run())
    return said


def test_a_stream_is_kept(venue: tuple[Replay, ReplayStream], tmp_path: Path) -> None:
    def act(stream: ReplayStream) -> None:
        stream.await_subscribers()
        stream.push(1, 91_000.5, 0.5)
        stream.push(-1, 92_000.5, 0.75)

    said = recorded(venue, tmp_path, act, lambda prices, _: len(prices) == 2)
    assert said[0] == f"Bybit {BTC}: listening."
    kept = read_tape(tmp_path).of(BTC, "bybit")
    assert kept.price.tolist() == [91_000.5, 92_000.5]
    assert kept.position_side.tolist() == [1, -1]


def test_a_contract_that_is_not_there_is_said(
    venue: tuple[Replay, ReplayStream], tmp_path: Path
) -> None:
    replay, _ = venue
    wrong = record([("bybit", "NOSUCH-USDT-PERP")], tmp_path, origins={"bybit": replay.origin})
    with pytest.raises(InputError, match="lists no contract"):
        asyncio.run(wrong)
    with pytest.raises(InputError, match="publishes no liquidations"):
        asyncio.run(record([("hyperliquid", BTC)], tmp_path))


def test_nothing_is_lost_when_the_program_is_killed(
    venue: tuple[Replay, ReplayStream], tmp_path: Path
) -> None:
    """SIGKILL after each row: a second run goes on, every row is there once."""
    replay, stream = venue
    command = [sys.executable, "-u", "-m", "liqmap", "record", "bybit:BTC", "--out", str(tmp_path)]
    variables = os.environ | {
        "PYTHONPATH": str(ROOT / "www" / "py"),
        "LIQMAP_ORIGINS": f"bybit={replay.origin}",
        "LIQMAP_STREAMS": f"bybit={stream.url}",
    }
    for run, price in enumerate((91_000.5, 92_000.5)):
        with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True) as program:
            stream.await_subscribers()
            stream.push(1, 90_000.5, 0.5, NOON_MS)  # the venue sends it again in the second run
            stream.push(1, price, 0.5, NOON_MS + 1 + run)
            assert program.stdout is not None
            lines = [program.stdout.readline() for _ in range(2 - run)]
            program.send_signal(signal.SIGKILL)
        assert f"at {price:,.2f}" in lines[-1]
        stream.drop()
        stream.await_subscribers(0)
    assert read_tape(tmp_path).of(BTC).price.tolist() == [90_000.5, 91_000.5, 92_000.5]
