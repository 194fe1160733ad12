"""What the documents say of the code, made from the code: messages, settings, models, venues.

Runs when documents are made, never in a browser: `python3 build.py docs` runs this module and
puts the blocks that it prints into the documents.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from types import ModuleType
from typing import get_args

import click

from liqmap.cli.app import top
from liqmap.estimate.registry import MODELS
from liqmap.session import board, desk_messages, messages, search, session
from liqmap.session.panels import panels
from liqmap.venues.adapter import NOW, Adapter, Depth, Series
from liqmap.venues.registry import ADAPTERS, STREAMS
from liqmap.venues.stream import Stream
from liqmap.view import View

WWW = Path(__file__).resolve().parents[2]
DAY_MS = 86_400_000

NOT_PUBLISHED = "–"
SERIES: dict[Series, tuple[str, str]] = {
    "candles": ("candles", "bars"),
    "taker_volume": ("taker buy volume", "bars"),
    "mark": ("mark price bars", "bars"),
    "open_interest": ("open interest", "samples"),
    "maintenance": ("risk-limit tiers", ""),
    "liquidations": ("past liquidations", "trades"),
    "order_book": ("order book", ""),
    "funding": ("funding", "rates"),
    "long_short_ratio": ("long and short accounts", "samples"),
}
"""The columns of the venues' table: title, and what its rows are."""


def blocks() -> dict[str, str]:
    """Markdown by the name of the block that it fills."""
    return {
        "messages": _messages(),
        "settings": _settings(),
        "models": _models(),
        "venues": _venues(),
        "program": _program(),
    }


# ---------------------------------------------------------------- messages


def _messages() -> str:
    """Every message of the union, its fields, and what the page may call."""
    kinds: list[type] = list(get_args(messages.Message))
    overview = _table(
        ("kind", "made by", "says"),
        ((f"[`{kind.kind}`](#{kind.kind})", _sender(kind), _summary(kind)) for kind in kinds),  # type: ignore[attr-defined]
    )
    sections = [_section(kind, kind.kind) for kind in kinds]  # type: ignore[attr-defined]
    inner = dict.fromkeys(part for kind in kinds for part in _inner(kind))
    sections += [_section(part, part.__name__) for part in inner]
    aliases = _table(
        ("type", "is", "meaning"),
        (
            (f"`{name}`", f"`{ast.unparse(value)}`", doc)
            for module in (messages, desk_messages)
            for name, value, doc in _documented(_tree(module).body)
            if name not in {"Message"}
        ),
    )
    return "\n\n".join(
        [overview, *sections, f"## Types\n\n{aliases}", f"## Calls\n\n{_calls()}"],
    )


def _section(kind: type, title: str) -> str:
    rows = [
        (f"`{name}`", f"`{ast.unparse(kind_of)}`", doc) for name, kind_of, doc in _fields_of(kind)
    ]
    return f"## {title}\n\n{_text(kind)}\n\n{_table(('field', 'type', 'meaning'), rows)}"


def _inner(kind: type) -> Iterator[type]:
    """Dataclasses that fields of a message hold."""
    names = vars(sys.modules[kind.__module__])
    for _, annotation, _ in _fields_of(kind):
        for node in ast.walk(annotation):
            found = names.get(node.id) if isinstance(node, ast.Name) else None
            if isinstance(found, type) and is_dataclass(found):
                yield found


def _sender(kind: type) -> str:
    """The file that makes a message: a panel, the session, or the start of the interpreter."""
    for panel in panels():
        if kind.__name__ in inspect.get_annotations(type(panel).message)["return"].split(" | "):
            return f"`{Path(inspect.getfile(type(panel))).relative_to(WWW / 'py' / 'liqmap')}`"
    for module in (session, search, board):
        if re.search(rf"\b{kind.__name__}\(", inspect.getsource(module)):
            return f"`session/{Path(inspect.getfile(module)).name}`"
    quoted = f'kind: "{kind.kind}"'  # type: ignore[attr-defined]
    for script in WWW.glob("*.mjs"):
        if quoted in script.read_text():
            return f"`{script.name}`"
    raise ValueError(
        f"{kind.__name__}: nothing makes it. Is its panel in session/panels/__init__.py, and does"
        " its `message` say that it returns it?"
    )


def _calls() -> str:
    """What the page may call of the worker."""
    tree = ast.parse((WWW / "py" / "worker.py").read_text())
    functions = {node.name: node for node in tree.body if isinstance(node, ast.AsyncFunctionDef)}
    rows = []
    for name, node in functions.items():
        gives = "" if node.returns is None else ast.unparse(node.returns)
        rows.append(
            (
                f"`{name}({ast.unparse(node.args)})`",
                "" if gives == "None" else f"`{gives}`",
                ast.get_docstring(node) or "",
            )
        )
    return _table(("call", "gives", "does"), rows)


# ---------------------------------------------------------------- settings, models, venues


def _settings() -> str:
    """Every field of `View`: key, values, default, meaning."""
    meaning = {name: doc for name, _, doc in _fields_of(View)}
    start = View().controls()
    return _table(
        ("key", "values", "default", "meaning"),
        (
            (
                f"`{setting.name}`",
                _values(setting.metadata["options"], setting.metadata["read"]),
                f"`{start[setting.name]}`" if start[setting.name] else "",
                meaning[setting.name],
            )
            for setting in fields(View)
        ),
    )


def _values(options: Iterable[str], read: Callable[[str], object]) -> str:
    """What may be chosen, or else what the reader of the setting takes."""
    chosen = " ".join(f"`{value}`" for value in options)
    return chosen or _first_sentence(inspect.getdoc(read)).partition(";")[0].rstrip(".")


def _models() -> str:
    """Every estimator: its name in links, its title, what it is, where it stands."""
    rows = []
    for name, model in MODELS.items():
        module = sys.modules[model.estimate.__module__]
        path = Path(inspect.getfile(module)).relative_to(WWW.parent)
        said = _first_sentence(inspect.getdoc(module))
        rows.append((f"`{name}`", model.title, said, f"`{path}`"))
    return _table(("model", "title", "method", "file"), rows)


def _venues() -> str:
    """What each venue lets anyone read without a key, and how far back."""
    rows = []
    for venue in {**ADAPTERS, **STREAMS}:
        adapter, stream = ADAPTERS.get(venue), STREAMS.get(venue)
        titled = adapter or stream
        assert titled is not None
        title, reports = titled.title, NOT_PUBLISHED
        if adapter is not None:
            reports = "all" if adapter.reports_all else "a sample"
            title += "" if adapter.in_browser else ", outside a browser only"
        told = (_stream(stream), reports)
        rows.append((title, f"`{venue}`", *_offered(adapter), *told))
    titles = [title for title, _ in SERIES.values()]
    return _table(("venue", "key", *titles, "stream of liquidations", "publishes of them"), rows)


def _offered(adapter: Adapter | None) -> list[str]:
    """Each series: how far back; of open interest every venue tells the present."""
    if adapter is None:
        return [NOT_PUBLISHED] * len(SERIES)
    offers = {"open_interest": NOW, **adapter.offers}
    return [
        _depth(offers[series], rows) if series in offers else NOT_PUBLISHED
        for series, (_, rows) in SERIES.items()
    ]


def _depth(depth: Depth, rows: str) -> str:
    """How far back, in words."""
    if not isfinite(depth.ms):
        return "since listing"
    days = round(depth.ms / DAY_MS)
    parts = [f"{days} day{'s' if days > 1 else ''}"] if days else []
    parts += [f"last {depth.rows:,.0f} {rows}"] if depth.rows else []
    return " or ".join(parts) or "now"


def _stream(stream: Stream | None) -> str:
    return NOT_PUBLISHED if stream is None else stream.completeness


# ---------------------------------------------------------------- reading sources


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _fields_of(kind: type) -> list[tuple[str, ast.expr, str]]:
    """Name, annotation and docstring of each field of a dataclass; not its `ClassVar`s."""
    (node,) = (
        node
        for node in _tree(sys.modules[kind.__module__]).body
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    named = {field.name for field in fields(kind)}
    return [row for row in _documented(node.body) if row[0] in named]


def _documented(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr, str]]:
    """Annotated fields and plain assignments of capitalised names, with the string after each."""
    for node, after in zip(body, [*body[1:], None], strict=True):
        doc = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            doc = " ".join(str(after.value.value).split())
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.annotation, doc
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and doc:
            yield node.targets[0].id, node.value, doc


# ----------------------------------------------------------------- program


def _program() -> str:
    """The commands of `liqmap`: what each does, its options, its examples."""
    context = click.Context(top, info_name="liqmap")
    return "\n\n".join(_command(one, f"liqmap {name}", context) for name, one in _commands())


def _commands() -> Iterator[tuple[str, click.Command]]:
    """Each command by its name; those of a group follow it."""
    for name, command in sorted(top.commands.items()):
        yield name, command
        if isinstance(command, click.Group):
            for inner, one in sorted(command.commands.items()):
                yield f"{name} {inner}", one


def _command(command: click.Command, name: str, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [f"## {name}", f"`{name} {usage}`: {_flat(command.help)}"]
    rows = [
        (f"`{', '.join(one.opts)}`", _flat(one.get_help_record(context)[1]))  # type: ignore[index]
        for one in command.params
        if isinstance(one, click.Option)
    ]
    if rows:
        parts.append(_table(("option", "meaning"), rows))
    _, _, examples = (command.epilog or "").partition("\n")
    lines = [line.strip() for line in examples.splitlines()[1:]]
    if lines:
        parts.append("\n".join(["```sh", *lines, "```"]))
    return "\n\n".join(parts)


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def _text(kind: type) -> str:
    return inspect.getdoc(kind) or ""


def _summary(kind: type) -> str:
    """The first line of a docstring, which is a sentence."""
    return _text(kind).partition("\n")[0]


def _first_sentence(text: str | None) -> str:
    """The first paragraph up to its first full stop, on one line, without a reference to docs."""
    paragraph = " ".join((text or "").partition("\n\n")[0].split())
    return re.sub(r" \(docs/[^)]*\)", "", paragraph.partition(". ")[0])


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


if __name__ == "__main__":
    print(json.dumps(blocks()))
