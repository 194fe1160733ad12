"""What the page offers, shows and may reach, from the registries; read when the site is built.

It never reaches the browser: `tools/build/page.py` fills it into index.html.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from liqmap.data.market import Instrument
from liqmap.picture.document import SIZES_PX
from liqmap.picture.liquidation_map import ALPHAS
from liqmap.picture.palettes import LONG_COLOR, SHORT_COLOR
from liqmap.venues.adapter import Conversation
from liqmap.venues.registry import HOSTS, IN_BROWSER
from liqmap.view import View


def catalogue_json() -> str:
    """The catalogue as the build reads it."""
    return json.dumps(catalogue())


def catalogue() -> dict[str, Any]:
    """Settings, defaults, hosts, leverage classes, colours and sizes, as JSON has them.

    `plan` is what to ask of an exchange before Python is there. `settings` are those of the view
    that have options: `name`, whether it takes `several`, and of each option its `value`, its
    `title` and whether the default view has it. `defaults` is what each control shows at first.
    """
    return {
        "settings": [_setting(setting) for setting in fields(View) if setting.metadata["options"]],
        "defaults": View().controls(),
        "hosts": HOSTS,
        "plan": _plan(),
        "leverage_alphas": [f"{alpha:.0%}" for alpha in ALPHAS],
        "colors": {"long": LONG_COLOR, "short": SHORT_COLOR},
        "sizes_px": SIZES_PX,
    }


def _plan() -> list[tuple[str, str, str]]:
    """Venue, origin and path of what the default view asks first."""
    view, adapter = View(), next(iter(IN_BROWSER.values()))
    base, quote, _ = view.symbol.split("-")
    contract = Instrument(view.symbol, base + quote, base, quote)
    talks: list[Conversation[Any]] = [
        adapter.instruments(),
        adapter.candles(contract, view.step_ms),
        adapter.maintenance(contract),
    ]
    return [(adapter.venue, adapter.origin, one.path) for talk in talks for one in next(talk)]


def _setting(setting: Any) -> dict[str, Any]:
    several = isinstance(setting.default, tuple)
    return {
        "name": setting.name,
        "several": several,
        "options": [
            {"value": value, "title": title, "default": several or value == setting.default}
            for value, title in setting.metadata["options"].items()
        ],
    }
