"""A link may hold anything: a taste of `bench --fuzz`, which reads a hundred thousand."""

from __future__ import annotations

from bench.links import read_links, read_texts
from liqmap.view import View
from tests.support.odd_links import odd_links, odd_texts


def test_random_links_are_some_view_and_plain_words() -> None:
    assert read_links(odd_links(800, seed=1)) > 500


def test_random_texts_that_are_typed_are_some_view_and_plain_words() -> None:
    assert 20 < read_texts(odd_texts(400, seed=1)) < 300


def test_signs_that_turn_the_writing_round_are_not_shown() -> None:
    _, notices = View.read("range=%E2%80%AE5%00y&sym%E2%80%AEbol=x&a=1&b=2")
    assert notices == (
        "The link says range=5y: expected one of 12h, 24h, 3d, 7d, 30d, 90d, 180d, 1y; using 24h.",
        "The link has symbol and 2 more, which are not settings; ignored.",
    )


def test_half_a_sign_that_is_typed_is_no_name() -> None:
    _, (notice,) = View.read(View.with_symbol("range=7d", "\ud800"))
    assert notice.startswith("The link says symbol=?: expected a name")
