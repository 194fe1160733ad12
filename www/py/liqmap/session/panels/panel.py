"""What a panel is: it reads every state and returns a message when what it shows is new."""

from __future__ import annotations

from abc import ABC, abstractmethod

from liqmap.session.messages import Message
from liqmap.session.state import State


class Panel(ABC):
    """One panel of the page. It remembers what its last message was about, and nothing else."""

    def __init__(self) -> None:
        self._said: object = None

    def update(self, state: State) -> Message | None:
        """The message that brings the page up to date; None when it is."""
        about = self.about(state)
        if about is None or about == self._said:
            return None
        self._said = about
        return self.message(state)

    @abstractmethod
    def about(self, state: State) -> object:
        """The part of the state that it shows: a new value needs a message, None does not."""

    @abstractmethod
    def message(self, state: State) -> Message:
        """The message for a state whose `about` is not None."""


class PicturePanel(Panel):
    """A panel that depends on the picture alone, of now or as of then: a message for each."""

    def about(self, state: State) -> object:
        return state.numbers


class MembersPanel(Panel):
    """A panel that shows uncertainty: a message with every picture, one more with its members."""

    def about(self, state: State) -> object:
        return None if state.standing is None else (state.numbers, state.standing.exposed)
