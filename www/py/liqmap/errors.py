"""Every error that liqmap raises on purpose.

LiqmapError
├─ InputError       the caller's numbers cannot be right
├─ NotInstalled     it needs an extra of the package
├─ NotOffered       this venue does not publish this quantity
├─ Unreachable      no answer: offline, or blocked (a browser hides which)
│  └─ TimedOut      no answer in time
├─ RateLimited      the venue asks us to wait
├─ Refused          the venue answered with an error of its own
│  └─ Busy          its own trouble, gone in a moment
├─ BadResponse      an answer of a shape we do not know
└─ NoData           a well-formed answer with nothing in it
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Literal, TypedDict, Unpack

from liqmap.language import say

Retry = Literal["never", "later", "now"]


class LiqmapError(Exception):
    """One sentence for the reader, what to do next, and the rest for a bug report.

    Parameters
    ----------
    sentence : str
        What went wrong, as a trader would say it.
    hint : str
        The next step.
    detail : str
        Address, code, first characters of the answer; folded away on the page.
    where : str
        "venue · endpoint · symbol", as far as they apply.
    """

    retry: ClassVar[Retry] = "never"

    def __init__(self, sentence: str, *, hint: str = "", detail: str = "", where: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.detail = detail
        self.where = where

    def __str__(self) -> str:
        return " ".join(part for part in (self.sentence, self.hint) if part)


class Words(TypedDict, total=False):
    """The optional arguments of every error."""

    hint: str
    detail: str
    where: str


def named(sentence: str, title: str) -> str:
    """The sentence, with the venue's name before it where it does not say it."""
    if title in sentence:
        return sentence
    return say("{venue}: {said}", venue=title, said=sentence)


class InputError(LiqmapError):
    """The caller's numbers cannot be right."""


class NotInstalled(LiqmapError, ImportError):
    """It needs an extra of the package; only outside a browser."""

    @classmethod
    @contextmanager
    def unless(cls, extra: str, what: str) -> Iterator[None]:
        """Raise it where an import inside fails for want of the extra's packages."""
        try:
            yield
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "liqmap":
                raise
            raise cls(
                f"{what} needs {error.name}, which is not installed.",
                hint=f"pip install 'liqmap[{extra}]'",
            ) from error


class NotOffered(LiqmapError):
    """This venue does not publish this quantity."""


class Unreachable(LiqmapError):
    """No answer; `blocked` is True when the server is there but will not be read."""

    retry: ClassVar[Retry] = "later"

    def __init__(self, sentence: str, *, blocked: bool = False, **words: Unpack[Words]) -> None:
        super().__init__(sentence, **words)
        self.blocked = blocked


class TimedOut(Unreachable):
    """No answer in time."""

    retry: ClassVar[Retry] = "now"


class RateLimited(LiqmapError):
    """The venue asks us to wait `retry_after_s` seconds, and until `until_ms` where that is set.

    With such a time, or for two minutes and more, it is a ban: of all that we ask of the venue.
    """

    retry: ClassVar[Retry] = "later"

    def __init__(
        self,
        sentence: str,
        *,
        retry_after_s: float = 60.0,
        until_ms: float = 0.0,
        **words: Unpack[Words],
    ) -> None:
        super().__init__(sentence, **words)
        self.retry_after_s = retry_after_s
        self.until_ms = until_ms

    @property
    def is_ban(self) -> bool:
        """Whether nothing may be asked of the venue meanwhile."""
        return self.until_ms > 0 or self.retry_after_s >= 120.0


class Refused(LiqmapError):
    """The venue answered with an error of its own; its words are in `sentence`."""


class Busy(Refused):
    """The venue is overloaded or broken for the moment."""

    retry: ClassVar[Retry] = "now"


class BadResponse(LiqmapError):
    """An answer of a shape we do not know."""

    retry: ClassVar[Retry] = "now"


class NoData(LiqmapError):
    """A well-formed answer with nothing in it."""
