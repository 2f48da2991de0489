"""Single values: is this a whole number, text, one of a few words? Messages say what was expected and what came."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from sensorgraph.config.suggest import nearest

_SWITCH_WORDS = {"on": "true", "yes": "true", "y": "true", "off": "false", "no": "false", "n": "false"}
_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "text", Path: "a path"}
_MAX_SHOWN = 60


def shown(value: object) -> str:
    """A value as a message shows it: short, and ``null`` for None as the file says it."""
    text = {None: "null", True: "true", False: "false"}[value] if isinstance(value, bool | None) else repr(value)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 3] + "..."


def is_scalar(hint: Any) -> bool:
    """True for hints that `read_scalar` understands."""
    return hint in _NAMES or get_origin(hint) is Literal or (isinstance(hint, type) and issubclass(hint, Enum))


def scalar_name(hint: Any) -> str:
    """What a hint asks for, in words."""
    if hint in _NAMES:
        return _NAMES[hint]
    words = [repr(word) for word in get_args(hint)] or [repr(name.lower()) for name in hint.__members__]
    return words[0] if len(words) == 1 else f"one of {', '.join(words)}"


def read_scalar(value: object, hint: Any) -> Any:
    """The value as the hint's type, without guessing: text is never read as a number, nor a number as a switch.

    Raises:
        ValueError: the value is something else; the message says what must stand there.
    """
    got = f"(got {shown(value)})"
    if get_origin(hint) is Literal:
        return _one_of(value, {str(word): word for word in get_args(hint)}, hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of(value, {name.lower(): member for name, member in hint.__members__.items()}, hint)
    if hint is bool:
        if isinstance(value, bool):
            return value
        meant = _SWITCH_WORDS.get(str(value).lower())
        raise ValueError(f"must be true or false{f'; write {meant}' if meant else ''} {got}")
    if hint is int and isinstance(value, float) and value.is_integer():
        return int(value)  # 1e3 is how some people write 1000
    if hint is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _as_float(value)
    if hint in (str, Path) and isinstance(value, str):
        return hint(value)
    remedy = "; put quotes around it" if hint is str and isinstance(value, int | float) else ""
    raise ValueError(f"must be {_NAMES[hint]}{remedy} {got}")


def check_bounds(value: object, metadata: Sequence[Any], written: object) -> None:
    """Holds a value against the constraints of an ``Annotated`` hint, e.g. ``Field(gt=0)``.

    Args:
        value: of the right type by now.
        metadata: what stands behind the type in ``Annotated``.
        written: the value as it stands in the file, for the message.

    Raises:
        ValueError: it breaks one.

    Example:
        >>> from pydantic import Field
        >>> check_bounds(-1.0, (Field(gt=0),), written=-1)
        Traceback (most recent call last):
        ValueError: must be greater than 0 (got -1)
    """
    try:
        TypeAdapter(Annotated[(Any, *metadata)]).validate_python(value)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        message = (
            message.replace("Input should", "must").replace("Value should", "must").replace(" after validation", "")
        )
        raise ValueError(f"{message} (got {shown(written)})") from error


def _as_float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"must be a number that fits into 64 bits (got {shown(value)})") from error


def _one_of(value: object, words: dict[str, Any], hint: Any) -> Any:
    for word, meant in words.items():
        asked = word if isinstance(meant, Enum) else meant
        if type(value) is type(asked) and value == asked:  # the type too: 1 == True
            return meant
    raise ValueError(f"must be {scalar_name(hint)}{nearest(str(value), words)} (got {shown(value)})")
