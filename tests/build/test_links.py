"""Shared links and the installed page, read as a crawler reads them: no script runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageDraw

from liqmap.view import View
from tools.build import card, icons, links, site
from tools.build.console import WWW, BuildError
from tools.build.integrity import digest

ADDRESS = "https://host/some/where/"
PAGES = ["", *map(links.folder_of, links.COINS)]
SVG = (WWW / "icon.svg").read_bytes()


class Crawler(HTMLParser):
    """What a page says in its head, and its links and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.link: dict[str, str] = {}
        self.leads: list[str] = []
        self.title = self.script = self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name = found.get("property") or found.get("name") or found.get("http-equiv")
        if tag == "meta" and name:
            assert name not in self.meta, f"{name} is there twice"
            self.meta[name] = found["content"]
        elif tag == "link":
            self.link[found["rel"]] = found["href"]
        elif tag == "a":
            self.leads.append(found["href"])
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside == "script":
            self.script += data
        self._inside = ""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that was not told where it will be."""
    out = tmp_path_factory.mktemp("plain")
    site.build(out)
    return out


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that was told its address, without the slash at the end."""
    out = tmp_path_factory.mktemp("site")
    site.build(out, address=ADDRESS.rstrip("/"))
    return out


def read(folder: Path, page: str) -> Crawler:
    return Crawler((folder / page / "index.html").read_text())


def at(folder: Path, address: str) -> Path:
    """The file that a host sends for an address below `ADDRESS`."""
    assert address.startswith(ADDRESS), address
    path = folder / urlsplit(address.removeprefix(ADDRESS)).path
    return path / "index.html" if path.is_dir() else path


@pytest.mark.parametrize("page", PAGES)
def test_a_preview_finds_all_it_wants(built: Path, page: str) -> None:
    found = read(built, page)
    said = found.meta
    assert said["og:title"] == found.title
    assert said["og:description"] == said["description"]
    assert said["og:url"] == found.link["canonical"] == ADDRESS + page
    assert (said["og:type"], said["twitter:card"]) == ("website", "summary_large_image")
    assert said["og:image:alt"].endswith("an example, of a simulated market")
    with Image.open(at(built, said["og:image"])) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
    assert at(built, said["og:image"]).stat().st_size < 300_000, "some chats load no more"


@pytest.mark.parametrize("page", PAGES)
def test_without_an_address_nothing_claims_one(plain: Path, page: str) -> None:
    found = read(plain, page)
    assert "canonical" not in found.link
    assert "og:url" not in found.meta
    image = urljoin(ADDRESS + page, found.meta["og:image"])
    assert at(plain, image).suffix == ".png"
    assert at(plain, image).exists()


def test_a_coin_is_named_and_opened(built: Path) -> None:
    for coin, name in links.COINS.items():
        found = read(built, links.folder_of(coin))
        assert coin in found.title
        assert name in found.meta["description"]
        (lead,) = found.leads
        assert urlsplit(urljoin("/deep/btc/", lead)).path == "/deep/"
        for query in (urlsplit(lead).query, "".join(re.findall(r'"\?(.*?)"', found.script)[:1])):
            view, notices = View.read(query)
            assert (view, notices) == (View(symbol=f"{coin}-USDT-PERP"), ())


def test_the_rest_of_the_link_wins_over_the_coin_s_page() -> None:
    """The script puts it behind, where the last of two symbols counts."""
    view, notices = View.read("?symbol=ETH-USDT-PERP&venue=okx&symbol=SOL-USDT-PERP")
    assert (view, notices) == (View(venue="okx", symbol="SOL-USDT-PERP"), ())


def test_a_coin_s_page_may_run_its_script_and_nothing_else(built: Path) -> None:
    for coin in links.COINS:
        found = read(built, links.folder_of(coin))
        policy = found.meta["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src ")
        assert re.findall("'(sha256-.*?)'", policy) == [digest(found.script.encode())]


def test_crawlers_find_every_page_and_no_other(built: Path, plain: Path) -> None:
    tree = ElementTree.fromstring((built / "sitemap.xml").read_text())
    found = [
        one.text or "" for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]
    assert found == [ADDRESS + page for page in PAGES]
    for address in found:
        assert Crawler(at(built, address).read_text()).link["canonical"] == address
    (line,) = re.findall("^Sitemap: (.*)$", (built / "robots.txt").read_text(), re.M)
    assert at(built, line).exists()
    assert not (plain / "sitemap.xml").exists()
    assert (plain / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"


def test_pictures_and_icons_cost_no_visit_anything(built: Path) -> None:
    kept = json.loads((built / "manifest.json").read_text())["files"]
    assert {f"{page}index.html" for page in PAGES} <= set(kept), "without a network they forward"
    assert not [path for path in kept if path.startswith("install/") or "picture" in path]
    text = (built / "index.html").read_text()
    assert not re.search(r"(src|preload)[^>]*(install|picture\.png)", text)


def test_an_address_is_one_that_a_browser_opens() -> None:
    assert links.base_of("") == ""
    assert links.base_of("https://host") == links.base_of("https://host/") == "https://host/"
    assert links.base_of("https://host/a/b?c#d") == "https://host/a/b/"
    for wrong in ("host/path", "ftp://host", "https://", "javascript:alert(1)"):
        with pytest.raises(BuildError, match="no address of a site"):
            links.base_of(wrong)


def test_a_fresh_picture_says_whose_market_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an exchange gave is on the picture and in its words; all else stays the example."""
    heat = BytesIO()
    Image.new("RGB", (1152, 430), "#123456").save(heat, "PNG")
    given = {"ETH": card.Heat(heat.getvalue(), "OKX, 12 Mar 04:00 UTC")}
    monkeypatch.setattr(card, "fresh", lambda: given)
    found = site.contents(ADDRESS, fresh=True)
    with Image.open(BytesIO(found["eth/picture.png"])) as picture:
        assert picture.convert("RGB").getpixel((600, 300)) == (0x12, 0x34, 0x56)
    words = {coin: Crawler(found[f"{coin.lower()}/index.html"].decode()) for coin in links.COINS}
    alts = {coin: one.meta["og:image:alt"].partition(": ")[2] for coin, one in words.items()}
    assert alts.pop("ETH") == "OKX, 12 Mar 04:00 UTC"
    assert set(alts.values()) == {"an example, of a simulated market"}
    plain = site.contents(ADDRESS)
    assert found["btc/picture.png"] == plain["btc/picture.png"]


def test_the_picture_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    painted: Any = ImageDraw.ImageDraw.text

    def text(self: Any, xy: Any, words: str, *rest: Any, **how: Any) -> None:
        said.append(words)
        painted(self, xy, words, *rest, **how)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", text)
    heat = BytesIO()
    Image.new("RGB", (1152, 430)).save(heat, "PNG")
    for source, label in (("", "example, simulated"), ("Hyperliquid, 12 Mar 04:00 UTC",) * 2):
        said.clear()
        card.png(heat.getvalue(), "DOGE", source, SVG)
        assert said == ["liqmap", "DOGE", card.WHAT, label]


# ---------------------------------------------------------------- the installed page


def test_whatever_the_manifest_names_is_there_and_as_large(built: Path) -> None:
    said = json.loads((built / "manifest.webmanifest").read_text())
    shortcuts = [icon for one in said["shortcuts"] for icon in one["icons"]]
    for image in (*said["icons"], *said["screenshots"], *shortcuts):
        path = built / image["src"]
        if image["type"] == "image/svg+xml":
            assert path.read_bytes() == SVG
            continue
        with Image.open(path) as found:
            assert (found.format, "{}x{}".format(*found.size)) == ("PNG", image["sizes"])
    kinds = {(one["sizes"], one.get("purpose", "any")) for one in said["icons"]}
    assert kinds >= {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    assert {one["form_factor"] for one in said["screenshots"]} == {"wide", "narrow"}
    for image in said["screenshots"]:
        width, height = map(int, image["sizes"].split("x"))
        assert max(width, height) <= 2.3 * min(width, height), "else a browser leaves it out"


def test_shortcuts_open_what_they_are_called(built: Path) -> None:
    said = json.loads((built / "manifest.webmanifest").read_text())
    opened = {one["name"]: urlsplit(one["url"]) for one in said["shortcuts"]}
    assert list(opened) == ["BTC", "ETH", "Board"]
    for name in ("BTC", "ETH"):
        assert View.read(opened[name].query) == (View(symbol=f"{name}-USDT-PERP"), ())
    assert f'id="{opened["Board"].fragment}"' in (built / "index.html").read_text()
    assert {one.path for one in opened.values()} == {said["start_url"]} == {"./"}


def test_the_page_has_the_manifest_s_colour_and_an_icon_for_ios(built: Path) -> None:
    said = json.loads((built / "manifest.webmanifest").read_text())
    found = read(built, "")
    assert found.meta["theme-color"] == said["theme_color"] == said["background_color"]
    assert f"--ground: {said['theme_color']}" in (WWW / "style.css").read_text()
    with Image.open(built / found.link["apple-touch-icon"]) as icon:
        assert icon.size == (180, 180)
        assert icon.convert("RGBA").getchannel("A").getextrema() == (255, 255), (
            "iOS paints the rest black"
        )


def test_an_icon_is_the_svg() -> None:
    """A pixel in each of its rectangles, and one of the ground."""
    image = icons.painted(SVG, icons.Look(160))
    points = {(80, 15): "0d1018", (80, 40): "c81e1e", (50, 70): "f7a743", (80, 95): "f4ee9a"}
    points |= {(80, 124): "5fae57", (115, 70): "0d1018", (125, 124): "0d1018"}
    for point, color in points.items():
        assert image.getpixel(point) == (*bytes.fromhex(color), 255), point
    assert image.getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_maskable_icon_keeps_its_mark_in_every_shape() -> None:
    look = icons.ICONS["install/maskable-512.png"]
    image = icons.painted(SVG, look)
    ground, middle = image.getpixel((0, 0)), look.size_px / 2
    far: Callable[[int, int], bool] = lambda x, y: (  # noqa: E731
        (x - middle) ** 2 + (y - middle) ** 2 > (0.4 * look.size_px) ** 2
    )
    outside = [(x, y) for x in range(0, 512, 4) for y in range(0, 512, 4) if far(x, y)]
    assert {image.getpixel(one) for one in outside} == {ground}
    assert len(image.getcolors(1 << 20) or ()) > 4


@pytest.mark.parametrize(
    "shape", ['<circle r="3"/>', '<path d="M1 1l3 3z"/>', '<rect x="1" width="2" height="2"/>']
)
def test_a_shape_that_cannot_be_painted_fails_the_build(shape: str) -> None:
    svg = SVG.decode().replace("</svg>", f"{shape}</svg>")
    with pytest.raises(BuildError, match="rectangles"):
        icons.painted(svg.encode(), icons.Look(16))
