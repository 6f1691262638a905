"""What the writers of each language give back: the fields' values with the facts behind them."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.personas.rules.benefits import Promise
from webapp.personas.rules.hints import Hint
from webapp.personas.rules.text import cut


@dataclass(frozen=True)
class Written:
    """One field: a text or a list of texts, and the names of the facts it was drawn from."""

    value: str | tuple[str, ...]
    origins: tuple[str, ...] = ()


def written(value: str, longest: int, *origins: Iterable[str]) -> Written:
    """A text within its bound; an empty text has no origins."""
    text = cut(value, longest)
    return Written(text, unique(*origins) if text else ())


def unique(*origins: Iterable[str]) -> tuple[str, ...]:
    """Names of facts in their order, each once."""
    return tuple(dict.fromkeys(name for group in origins for name in group if name))


def from_promises(promises: Iterable[Promise]) -> tuple[str, ...]:
    """The facts behind promises."""
    return unique(*((one.origin,) for one in promises))


def from_hints(hints: Iterable[Hint]) -> tuple[str, ...]:
    """The facts behind hints."""
    return unique(*((one.origin,) for one in hints))
