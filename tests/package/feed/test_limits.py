"""How much is asked in a time, and for how long a venue that refused us is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.errors import (
    BadResponse,
    Busy,
    LiqmapError,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
)
from liqmap.feed.limits import Bucket, Health
from liqmap.venues.adapter import Limits


@given(
    st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 10)), min_size=1, max_size=60),
)
def test_no_window_spends_more_than_the_limit(arrivals: list[tuple[float, float]]) -> None:
    limits = Limits(weight=20, per_seconds=10)
    bucket = Bucket(limits)
    spent: list[tuple[float, float]] = []
    now = 0.0
    for gap, weight in arrivals:
        now += gap
        spent.append((now + bucket.take(weight, now), weight))
    for start, _ in spent:
        window = sum(w for at, w in spent if start <= at < start + limits.per_seconds)
        assert window <= limits.weight + 1e-6


def test_a_venue_that_refuses_us_is_left_alone_longer_each_time() -> None:
    health, now = Health(), 0.0
    spans = []
    for _ in range(6):
        health.failed(Unreachable("no", blocked=True), now)
        spans.append(health.until_s - now)
        now = health.until_s
    assert spans == [60, 120, 240, 480, 600, 600]
    assert health.state == "blocked"
    health.succeeded(now - 1)
    assert health.state == "blocked"
    health.succeeded(now)
    assert (health.state, health.reason, health.until_s) == ("ready", None, 0.0)
    health.failed(Unreachable("no", blocked=True), now)
    assert health.until_s - now == 60


def test_one_volley_is_one_strike() -> None:
    health = Health()
    for now in (0.0, 0.1, 0.2):
        health.failed(Unreachable("no", blocked=True), now)
    assert health.until_s == 60


def test_the_venues_own_wait_is_respected() -> None:
    health = Health()
    health.failed(RateLimited("wait", retry_after_s=600), 5.0)
    assert (health.state, health.until_s) == ("limited", 605.0)
    with pytest.raises(RateLimited, match=r"left alone until .* your time") as caught:
        health.check(5.0)
    assert caught.value.sentence == "wait"
    health.check(605.0)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unreachable("gone"), "offline"),
        (TimedOut("late"), "offline"),
        (Refused("no"), "ready"),
        (Busy("busy"), "failing"),
        (BadResponse("cut"), "failing"),
    ],
)
def test_other_faults_do_not_close_the_venue(error: LiqmapError, state: str) -> None:
    health = Health()
    health.failed(error, 0.0)
    assert health.state == state
    health.check(0.0)


def test_a_ban_lasts_as_long_as_the_venue_says() -> None:
    """By the visitor's clock, at most three days; never less than after any other refusal."""
    for until_s, lasts_s in ((3600, 3600), (1e9, 3 * 86_400), (-50, 60)):
        health = Health(lambda: 1_786_000_000_000)
        health.failed(RateLimited("banned", until_ms=1_786_000_000_000 + 1000 * until_s), 5.0)
        assert health.until_s == 5.0 + lasts_s
        health.forgive()
        with pytest.raises(RateLimited, match="banned"):
            health.check(4.9 + lasts_s)
        health.check(5.0 + lasts_s)
