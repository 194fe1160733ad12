"""What a shared link says of itself to those that run no script: previews, crawlers, sitemaps.

Each coin of `COINS` has a page of its own that forwards to the page proper. Previews want whole
addresses; where the build was not told its own, there is no canonical one and no sitemap, and
the picture has a relative address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from string import Template
from urllib.parse import urlsplit

from tools.build import integrity
from tools.build.console import BuildError

COINS = {
    "BTC": "Bitcoin",
    "ETH": "Ethereum",
    "SOL": "Solana",
    "XRP": "XRP",
    "DOGE": "Dogecoin",
    "BNB": "BNB",
}
"""Those with a page, the most traded ones, and their names. The first is on the front page."""
SIZE_PX = (1200, 630)
"""Of the pictures."""


def folder_of(coin: str) -> str:
    """Where the page of a coin is."""
    return f"{coin.lower()}/"


def picture_of(coin: str) -> str:
    """Where the picture of a coin is."""
    return f"{folder_of(coin)}picture.png"


def symbol_of(coin: str) -> str:
    """The contract that the page of a coin opens."""
    return f"{coin}-USDT-PERP"


ASIDE = frozenset({"sitemap.xml", "robots.txt", *map(picture_of, COINS)})
"""What is here for others and not for the page."""

# The folder may be asked for without its slash. What the link itself says comes last, and wins.
_FORWARD = Template(
    'const at = location, up = /\\/(index\\.html)?$$/.test(at.pathname) ? "../" : "./";'
    'at.replace(up + "?symbol=$symbol" + at.search.replace("?", "&") + at.hash);'
)
_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '$digest'; \
style-src 'unsafe-inline'; img-src data:">
<title>$title</title>
<meta name="description" content="$description">
<meta name="color-scheme" content="dark">
<link rel="icon" href="data:,">
$tags
<script>$script</script>
<style>body { background: #0d1018; color: #e7ebf3; font: 1rem/1.5 system-ui, sans-serif; \
margin: 15vh auto; max-width: 30em; padding: 0 1em } a { color: #f7a743 }</style>
</head>
<body>
<h1>$coin liquidation heatmap</h1>
<p>$description</p>
<p><a href="../?symbol=$symbol">Open the heatmap</a></p>
</body>
</html>
""")


def base_of(address: str) -> str:
    """The address of the site with a slash at its end; empty where none is given.

    Raises
    ------
    BuildError
        It is none that a browser would open.
    """
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise BuildError(f"{address} is no address of a site. Give one as https://host/path/.")
    return address and parts._replace(query="", fragment="").geturl().rstrip("/") + "/"


def files(base: str, sources: Mapping[str, str]) -> dict[str, bytes]:
    """The pages of the coins and what crawlers ask for, by path.

    Parameters
    ----------
    base : str
        The site's own address, as `base_of` gives it.
    sources : mapping of str to str
        Of the coins whose picture is no example: whose market it shows, and of when.
    """
    found = {f"{folder_of(coin)}index.html": _coin_page(coin, base, sources) for coin in COINS}
    return found | {"robots.txt": _robots(base)} | ({"sitemap.xml": _sitemap(base)} if base else {})


def front_tags(template: str, base: str, sources: Mapping[str, str]) -> str:
    """The tags of index.html, which say what its title and its description say."""
    said = [
        re.search(pattern, template)
        for pattern in (r"<title>(.*?)</title>", r'<meta name="description" content="(.*?)">')
    ]
    title, description = (one[1] if one else "" for one in said)
    return _tags(title, description, next(iter(COINS)), base, "", sources)


def _coin_page(coin: str, base: str, sources: Mapping[str, str]) -> bytes:
    title = f"{coin} liquidation heatmap · liqmap"
    description = (
        f"Where leveraged {COINS[coin]} positions are likely to be liquidated: estimated in your "
        "browser from what exchanges publish, open and free."
    )
    symbol = symbol_of(coin)
    script = _FORWARD.substitute(symbol=symbol)
    return _PAGE.substitute(
        coin=coin,
        symbol=symbol,
        title=escape(title),
        description=escape(description),
        tags=_tags(escape(title), escape(description), coin, base, folder_of(coin), sources),
        script=script,
        digest=integrity.digest(script.encode()),
    ).encode()


def _tags(
    title: str, description: str, coin: str, base: str, path: str, sources: Mapping[str, str]
) -> str:
    """Open Graph's, and of Twitter's what has no like there: it reads both.

    Title and description are HTML already; `path` is the page's, below the base.
    """
    width, height = SIZE_PX
    source = sources.get(coin, "an example, of a simulated market")
    properties = {
        "og:type": "website",
        "og:site_name": "liqmap",
        "og:title": title,
        "og:description": description,
        "og:url": base and escape(base + path),
        "og:image": escape((base or "../" * path.count("/")) + picture_of(coin)),
        "og:image:width": str(width),
        "og:image:height": str(height),
        "og:image:alt": escape(f"Heatmap of estimated liquidations under candles: {source}"),
    }
    lines = [
        f'<meta property="{name}" content="{content}">'
        for name, content in properties.items()
        if content
    ]
    lines.append('<meta name="twitter:card" content="summary_large_image">')
    if base:
        lines.append(f'<link rel="canonical" href="{escape(base + path)}">')
    return "\n".join(lines)


def _robots(base: str) -> bytes:
    lines = ["User-agent: *", "Allow: /"]
    return "\n".join([*lines, *([f"Sitemap: {base}sitemap.xml"] if base else []), ""]).encode()


def _sitemap(base: str) -> bytes:
    paths = ["", *map(folder_of, COINS)]
    lines = [f"<url><loc>{escape(base + path)}</loc></url>" for path in paths]
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return "\n".join([head, f'<urlset xmlns="{space}">', *lines, "</urlset>", ""]).encode()
