"""Skills that the owner declares with the changes that show them. They are kept by a later app, which says how to ask.

The arrow of imports goes one way, so the wiring hands the question over (``ask_with``) and nobody here knows its rows.
"""

from collections.abc import Callable, Mapping, Sequence

Ask = Callable[[], Mapping[str, Sequence[str]]]
_ASK: list[Ask] = []


def ask_with(ask: Ask) -> None:
    """Say how skills are asked for: by name, with the references of their changes. The last one stands."""
    _ASK[:] = [ask]


def declared() -> Mapping[str, Sequence[str]]:
    """The references of the changes of each skill, by its name; nothing where nobody keeps skills."""
    return _ASK[0]() if _ASK else {}
