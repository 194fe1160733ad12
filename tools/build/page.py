"""index.html: the template www/index.html, filled from the package's catalogue.

A placeholder `{{name}}` is filled in whole; one that nothing fills, or a setting that the
template does not offer, fails the build.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from tools.build.console import BuildError


def render(template: str, catalogue: Mapping[str, Any]) -> str:
    """The page.

    Parameters
    ----------
    template : str
    catalogue : mapping
        What `liqmap.catalogue` prints.

    Raises
    ------
    BuildError
        Template and catalogue do not fit.
    """
    filling = fillings(catalogue)
    placed = set(re.findall(r"\{\{(.*?)\}\}", template))
    if unknown := placed - filling.keys():
        raise BuildError(f"www/index.html asks for {', '.join(sorted(unknown))}: nothing fills it")
    for setting in catalogue["settings"]:
        if not placed & set(_ways(setting)):
            raise BuildError(f"www/index.html does not offer the setting {setting['name']}")
    return re.sub(r"\{\{(.*?)\}\}", lambda found: filling[found[1]], template)


def fillings(catalogue: Mapping[str, Any]) -> dict[str, str]:
    """What each placeholder becomes."""
    colors = "; ".join(f"--{name}: {color}" for name, color in catalogue["colors"].items())
    found = {
        "hosts": escape(" ".join(catalogue["hosts"])),
        "colors": colors,
        "sizes": escape(json.dumps(catalogue["sizes_px"])),
        "leverage classes": "".join(
            f'<span><i style="opacity:{escape(one["alpha"])}"></i>{escape(one["label"])}</span>'
            for one in catalogue["leverage_classes"]
        ),
    }
    found |= {f"default {name}": escape(text) for name, text in catalogue["defaults"].items()}
    for setting in catalogue["settings"]:
        found |= _ways(setting)
    return found


def _ways(setting: Mapping[str, Any]) -> dict[str, str]:
    """The ways to offer a setting; of several options at once there is one setting."""
    if setting["several"]:
        return {"checkboxes": _segments(setting, "checkbox")}
    name = setting["name"]
    options = [
        f'<option value="{escape(one["value"])}"{" selected" * one["default"]}>'
        f"{escape(one['title'])}</option>"
        for one in setting["options"]
    ]
    return {
        f"select {name}": f'<select name="{escape(name)}" form="view">{"".join(options)}</select>',
        f"radios {name}": _segments(setting, "radio"),
    }


def _segments(setting: Mapping[str, Any], kind: str) -> str:
    """A row of labelled boxes or buttons."""
    return "\n".join(
        f'<label><input type="{kind}" name="{escape(setting["name"])}" '
        f'value="{escape(one["value"])}"{" checked" * one["default"]}>'
        f"<span>{escape(one['title'])}</span></label>"
        for one in setting["options"]
    )
