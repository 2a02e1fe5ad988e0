"""State machines as tables: a state, the actions it allows, and where each leads."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, TypeVar

S = TypeVar("S", bound=Enum)
A = TypeVar("A", bound=Enum)


class IllegalTransition(Exception):
    """The table has no such move from this state."""

    def __init__(self, action: Enum, state: Enum, allowed: Iterable[Enum]) -> None:
        self.action, self.state, self.allowed = action, state, tuple(allowed)
        moves = ", ".join(str(move.value) for move in self.allowed) or "nothing"
        super().__init__(
            f"'{action.value}' is not possible while '{state.value}'; possible: {moves}"
        )


def next_state(table: Mapping[S, Mapping[A, S]], state: S, action: A) -> S:
    """The state ``action`` leads to.

    Raises:
        IllegalTransition: the table has no such move.
    """
    moves = table[state]
    if action not in moves:
        raise IllegalTransition(action, state, moves)
    return moves[action]


def reachable(table: Mapping[S, Mapping[Any, S]], start: S) -> set[S]:
    """Every state that some sequence of actions leads to, ``start`` included."""
    reached, frontier = {start}, [start]
    while frontier:
        fresh = set(table[frontier.pop()].values()) - reached
        reached |= fresh
        frontier += fresh
    return reached
