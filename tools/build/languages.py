"""Catalogues: www/languages/*.po, and what the build makes of them.

A language is a file of gettext; its English sentences are the keys, as `tools.build.sentences`
finds them. The page gets one JSON a language, the worker one .mo, each with its own sentences only.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from babel.core import Locale
from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo

from tools.build.console import WWW, say
from tools.build.sentences import TAG, Sentence

FOLDER = WWW / "languages"
_EMPTY = re.compile(rb'"(Project-Id|Report|Last-Tr|Language-Team|[\w-]+-Date|Generated)')
"""Lines of a header that say nothing here."""
_SLOT = re.compile(r"\{(\w+)[^}]*\}")
HEADER = "# {name}: translated by machine, for review by someone who trades in it."


def tags() -> list[str]:
    """The languages beside English, by their tag of BCP 47."""
    return sorted(path.stem for path in FOLDER.glob("*.po"))


def read(tag: str) -> Catalog:
    """A language's catalogue."""
    with (FOLDER / f"{tag}.po").open("rb") as file:
        return pofile.read_po(file, locale=tag.replace("-", "_"))


def files(package: Iterable[Sentence], page: Iterable[Sentence]) -> dict[str, bytes]:
    """What is served of all languages, by path.

    `languages/es.json` has `plural`, the names of the plural forms in their order, and
    `sentences`: a text, or a list of forms. `languages/es.mo` is gettext's.
    """
    package, page, found = list(package), list(page), {}
    for tag in tags():
        catalog = read(tag)
        found[f"languages/{tag}.json"] = _json(tag, _of(catalog, page))
        found[f"languages/{tag}.mo"] = _mo(catalog, _of(catalog, package))
    return found


def _of(catalog: Catalog, sentences: Iterable[Sentence]) -> list[Message]:
    """What is translated of these sentences, in their order."""
    wanted = dict.fromkeys(one.one for one in sentences)
    found = (catalog.get(one) for one in wanted)
    return [one for one in found if one is not None and _said(one)]


def _said(message: Message) -> bool:
    """Whether it is translated in every form."""
    return all(_forms(message))


def _forms(message: Message) -> list[str]:
    """Its translation, or each of its plural forms."""
    said = message.string
    return [str(one or "") for one in (said if isinstance(said, (list, tuple)) else [said])]


def _json(tag: str, messages: Iterable[Message]) -> bytes:
    sentences = {_key(one): one.string for one in messages}
    made = {"plural": plurals(tag), "sentences": sentences}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def _mo(catalog: Catalog, messages: Iterable[Message]) -> bytes:
    shipped = Catalog(locale=catalog.locale, header_comment="")
    for one in messages:
        shipped.add(one.id, one.string)
    out = io.BytesIO()
    write_mo(out, shipped)
    # The header has the hour of its making; two builds of the same sources are the same bytes.
    return _without_dates(out.getvalue(), shipped)


def _without_dates(content: bytes, catalog: Catalog) -> bytes:
    for name, value in catalog.mime_headers:
        if name in ("POT-Creation-Date", "PO-Revision-Date"):
            content = content.replace(value.encode(), b"0" * len(value.encode()))
    return content


def plurals(tag: str) -> list[str]:
    """CLDR's names of the plural forms, in gettext's order of the language."""
    catalog = Catalog(locale=tag.replace("-", "_"))
    locale, names = Locale.parse(tag.replace("-", "_")), [""] * catalog.num_plurals
    rule = eval_plural(str(catalog.plural_expr))
    for number in (*range(200), 10**6):
        names[rule(number)] = names[rule(number)] or str(locale.plural_form(number))
    return names


def eval_plural(expression: str) -> Any:
    """Gettext's rule, as a function of a number."""
    from gettext import c2py  # what GNUTranslations itself uses

    return c2py(expression)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def faults(tag: str, sentences: Iterable[Sentence]) -> list[str]:
    """What is wrong with a language: not translated, or with other slots and elements."""
    catalog = read(tag)
    found = []
    wanted = _merged(sentences)
    for one, (many, where) in wanted.items():
        message = catalog.get(one)
        if message is None or not _said(message):
            found.append(f"{where}: {one}")
            continue
        if bool(many) != isinstance(message.id, (list, tuple)):
            found.append(f"{where}: plural forms of {one}")
        found += [
            f"{where}: slots of {one}: {form}"
            for form in _forms(message)
            if _signs(form) - {"n"} != _signs(one) - {"n"}
        ]
    known = {_key(message) for message in catalog if message.id}
    return [*found, *(f"no longer said: {one}" for one in sorted(known - wanted.keys()))]


def _signs(text: str) -> set[str]:
    """Slots and elements of a sentence."""
    return {*_SLOT.findall(text), *TAG.findall(text)}


def _merged(sentences: Iterable[Sentence]) -> dict[str, tuple[str, str]]:
    """Plural and first place of each sentence, in their order."""
    found: dict[str, tuple[str, str]] = {}
    for one, many, where in sentences:
        before = found.get(one, ("", where))
        found[one] = (before[0] or many, before[1])
    return found


def update(
    tag: str, sentences: Iterable[Sentence], said: Mapping[str, str | list[str]] | None = None
) -> None:
    """Write a language anew: every sentence there is, what was translated of it, nothing else.

    `said` has translations to add, by the English sentence.
    """
    path: Path = FOLDER / f"{tag}.po"
    before, said = (read(tag) if path.exists() else None), said or {}
    catalog = Catalog(
        locale=tag.replace("-", "_"),
        fuzzy=False,
        header_comment=HEADER.format(name=Locale.parse(tag.replace("-", "_")).english_name),
    )
    for one, (many, where) in _merged(sentences).items():
        known = before.get(one) if before else None
        text: Any = said.get(one, known.string if known else "")
        if many and not isinstance(text, (list, tuple)):
            text = [""] * catalog.num_plurals
        elif not many and not isinstance(text, str):
            text = ""
        catalog.add((one, many) if many else one, tuple(text) if many else text, [(where, 0)])
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=100, omit_header=False, include_lineno=False)
    kept = [line for line in out.getvalue().splitlines() if not _EMPTY.match(line)]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\n".join(kept) + b"\n")
    say(f"wrote {path.name}")
