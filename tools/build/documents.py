"""Make the parts of the documents that say what the code says, too.

A block of a Markdown file between `<!-- made by build.py docs: NAME -->` and
`<!-- end of NAME -->` is replaced by what is made here. The package makes most of them
(`liqmap/reference.py`, run by a fresh interpreter); the command line and the layers are made
here.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tools.build import wheel
from tools.build.console import ROOT, BuildError

LAYERS = ROOT / "tests" / "rules" / "test_layers.py"

_BLOCK = re.compile(
    r"(?P<begin><!-- made by build\.py docs: (?P<name>[\w-]+) -->\n)"
    r".*?"
    r"(?P<end><!-- end of (?P=name) -->)",
    re.DOTALL,
)


def write(parser: argparse.ArgumentParser) -> list[str]:
    """Bring all documents up to date; the paths of those that were not."""
    wrong = stale(parser)
    for path, text in wrong.items():
        (ROOT / path).write_text(text)
    return list(wrong)


def stale(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Documents that differ from what would be made, and what they should be."""
    made = blocks(parser)
    found = {}
    for path in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]:
        text = path.read_text()
        filled_in = filled(text, made)
        if filled_in != text:
            found[path.relative_to(ROOT).as_posix()] = filled_in
    return found


def filled(text: str, made: Mapping[str, str]) -> str:
    """A document with its blocks as they are made; raises `BuildError` for an unknown one."""

    def block(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in made:
            raise BuildError(f"a document asks for {name!r}; there are {', '.join(made)}.")
        return f"{match['begin']}\n{made[name]}\n\n{match['end']}"

    return _BLOCK.sub(block, text)


def blocks(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Every block, by name."""
    command = [sys.executable, "-X", "utf8", "-m", "liqmap.reference"]
    done = subprocess.run(command, cwd=wheel.PACKAGE.parent, capture_output=True, check=False)
    if done.returncode:
        raise BuildError(f"liqmap/reference.py failed:\n{done.stderr.decode()}")
    of_package: dict[str, str] = json.loads(done.stdout)
    return of_package | {"layers": layers(), "commands": commands(parser)}


def layers() -> str:
    """The rooms of the package, from the rule that the tests hold them to."""
    (rule,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(LAYERS.read_text()).body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == "MAY"
        and node.value is not None
    )
    rows = (
        (f"`{room}`", _first_line(_source(room)), _modules(_source(room)), others or "–")
        for room, others in rule.items()
    )
    return table(("room", "what it is", "in it", "may import"), rows)


def commands(parser: argparse.ArgumentParser) -> str:
    """What build.py can do: each command with its arguments."""
    (choice,) = (
        action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    helps = {action.dest: action.help or "" for action in choice._choices_actions}
    sections = []
    for name, command in choice.choices.items():
        arguments = list(_arguments(command))
        usage = " ".join(["python3 build.py", name, *(f"[{said}]" for said, _ in arguments)])
        sections.append(f"## {name}\n\n`{usage}`: {helps[name]}.")
        if arguments:
            rows = ((f"`{said}`", meaning) for said, meaning in arguments)
            sections.append(table(("argument", "meaning"), rows))
    return "\n\n".join(sections)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _arguments(command: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in command._actions:
        if action.dest != "help":
            yield _said(action), action.help or ""


def _said(action: argparse.Action) -> str:
    """An argument as it is typed."""
    values = "|".join(map(str, action.choices)) if action.choices else ""
    value = "" if action.nargs == 0 else values or str(action.metavar or action.dest.upper())
    if action.option_strings:
        return (
            f"{action.option_strings[0]} {f'[{value}]' if action.nargs == '?' else value}".strip()
        )
    return f"{value} …" if action.nargs == "*" else value


def _source(room: str) -> Path:
    """The file that says what a room is."""
    folder = wheel.PACKAGE.joinpath(*room.split("."))
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def _modules(source: Path) -> str:
    """What is in a room that is a folder."""
    if source.name != "__init__.py" or source.parent == wheel.PACKAGE:
        return ""
    files = [path.stem for path in sorted(source.parent.glob("[!_]*.py"))]
    folders = [f"{path.parent.name}/" for path in sorted(source.parent.glob("*/__init__.py"))]
    return " ".join([*files, *folders])


def _first_line(path: Path) -> str:
    doc = ast.get_docstring(ast.parse(path.read_text())) or ""
    return doc.partition("\n")[0]
