"""index.html: the template www/index.html, filled from the package's catalogue.

A placeholder `{{name}}` is filled in whole; one that nothing fills, or a setting that the
template does not offer, fails the build.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from tools.build.console import BuildError


def render(
    template: str,
    catalogue: Mapping[str, Any],
    preloads: Sequence[str] = (),
    icon: bytes = b"",
    tags: str = "",
) -> str:
    """The page.

    Parameters
    ----------
    template : str
    catalogue : mapping
        What `liqmap.catalogue` prints.
    preloads : sequence of str
        Paths of files that the document asks for before the worker does.
    icon : bytes
        An SVG, which becomes part of the page.
    tags : str
        What previews of links read.

    Raises
    ------
    BuildError
        Template and catalogue do not fit.
    """
    early = (f'<link rel="preload" as="fetch" crossorigin href="{one}">' for one in preloads)
    filling = fillings(catalogue) | {
        "preloads": "\n".join(early),
        "icon": quote(icon),
        "link preview": tags,
    }
    placed = set(re.findall(r"\{\{(.*?)\}\}", template))
    if unknown := placed - filling.keys():
        raise BuildError(f"www/index.html asks for {', '.join(sorted(unknown))}: nothing fills it")
    for setting in catalogue["settings"]:
        if not placed & set(_ways(setting, catalogue)):
            raise BuildError(f"www/index.html does not offer the setting {setting['name']}")
    return re.sub(r"\{\{(.*?)\}\}", lambda found: filling[found[1]], template)


def fillings(catalogue: Mapping[str, Any]) -> dict[str, str]:
    """What each placeholder becomes."""
    colors = "; ".join(f"--{name}: {color}" for name, color in catalogue["colors"].items())
    found = {
        "hosts": escape(" ".join(catalogue["hosts"])),
        "colors": colors,
        "plan": escape(json.dumps(catalogue["plan"])),
        "languages": escape(" ".join(languages_of(catalogue))),
        "sizes": escape(json.dumps(catalogue["sizes_px"])),
    }
    found |= {f"default {name}": escape(text) for name, text in catalogue["defaults"].items()}
    for setting in catalogue["settings"]:
        found |= _ways(setting, catalogue)
    return found


def languages_of(catalogue: Mapping[str, Any]) -> list[str]:
    """The languages that have a catalogue: all that can be chosen but English."""
    (setting,) = (one for one in catalogue["settings"] if one["name"] == "lang")
    values = [option["value"] for option in setting["options"]]
    return [value for value in values if value not in ("auto", "en")]


def _ways(setting: Mapping[str, Any], catalogue: Mapping[str, Any]) -> dict[str, str]:
    """The ways to offer a setting; of several options at once there is one setting."""
    if setting["several"]:
        return {"leverage key": _key(setting, catalogue["leverage_alphas"])}
    name = setting["name"]
    options = [
        f'<option value="{escape(one["value"])}"{" selected" * one["default"]}{_own(name, one)}>'
        f"{escape(one['title'])}</option>"
        for one in setting["options"]
    ]
    return {
        f"select {name}": f'<select name="{escape(name)}" form="view">{"".join(options)}</select>',
        f"radios {name}": _segments(setting),
    }


def _own(name: str, option: Mapping[str, Any]) -> str:
    """A language has its own name in every language."""
    own = name == "lang" and option["value"] != "auto"
    return f' lang="{escape(option["value"])}" translate="no"' * own


def _key(setting: Mapping[str, Any], alphas: Sequence[str]) -> str:
    """The ranges of leverage in the colours of the map, each a box to show or leave it out."""
    return "\n".join(
        f'<label><input type="checkbox" name="{escape(setting["name"])}" form="view" '
        f'value="{escape(one["value"])}"{" checked" * one["default"]}>'
        f'<i style="opacity:{escape(alpha)}"></i>{escape(one["title"])}</label>'
        for one, alpha in zip(setting["options"], alphas, strict=True)
    )


def _segments(setting: Mapping[str, Any]) -> str:
    """A row of labelled buttons."""
    return "\n".join(
        f'<label><input type="radio" name="{escape(setting["name"])}" '
        f'value="{escape(one["value"])}"{" checked" * one["default"]}>'
        f"<span>{escape(one['title'])}</span></label>"
        for one in setting["options"]
    )
