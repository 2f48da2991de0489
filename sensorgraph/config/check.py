"""Holds the plain values of a run file against type hints, and collects everything that is wrong with them.

A section of a run file is a frozen dataclass, a slot is a class of a table of kinds; both are checked the same way,
against the signature that somebody would call them with from Python.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Annotated, Any, Final, TypeVar, Union, cast, get_args, get_origin

from sensorgraph.config.component import Choice, Slot, joined, placed
from sensorgraph.config.scalars import check_bounds, is_scalar, read_scalar, scalar_name, shown
from sensorgraph.config.signature import REQUIRED, Signature, hint_of, signature_of
from sensorgraph.config.suggest import listed, nearest
from sensorgraph.errors import ConfigError

T = TypeVar("T")

_WRONG: Final = object()
_NONE = type(None)
_LISTS = (list, tuple, Sequence)
_TABLES = (dict, Mapping)


def check(value: object, hint: Any, place: str = "") -> list[str]:
    """Every problem of a plain value (as YAML gives it) that stands where ``hint`` is asked for.

    Args:
        value: nested dicts, lists and scalars.
        hint: a frozen dataclass, ``Annotated[Choice[Base], Slot(...)]``, a scalar type, ``Literal``, an ``Enum``,
            ``list``, ``tuple``, ``dict[str, ...]``, a union, or ``Annotated`` with bounds (``Field(gt=0)``).
        place: where the value stands, e.g. ``"encoders.sensor"``.

    Example:
        >>> check({"hiden": 3}, dict[str, bool], "flags")
        ['flags.hiden: must be true or false (got 3)']
    """
    checker = _Checker()
    checker.read(value, hint, place)
    return checker.problems


def build(value: object, hint: type[T], place: str = "") -> T:
    """The object that a plain value describes; the counterpart of `check`.

    Raises:
        ConfigError: listing every problem.

    Example:
        >>> build([1, 2], tuple[float, ...])
        (1.0, 2.0)
    """
    checker = _Checker()
    built = checker.read(value, hint, place)
    if checker.problems:
        raise ConfigError(checker.problems)
    return cast(T, built)


@dataclass(frozen=True)
class _Arguments:
    """What a class would be called with: checked values and defaults, what was wrong, what has no value at all."""

    values: dict[str, Any]
    wrong: tuple[str, ...]
    missing: tuple[str, ...]


class _Checker:
    """Collects problems while it reads; `_WRONG` stands for a value that has one."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def read(self, value: object, hint: Any, place: str) -> Any:
        origin = get_origin(hint)
        if origin is Annotated:
            return self._annotated(value, hint, place)
        if hint is Any or isinstance(hint, TypeVar):
            return value
        if hint is None or hint is _NONE:
            return None if value is None else self._wrong(place, f"must be null (got {shown(value)})")
        if origin in (Union, types.UnionType):
            return self._union(value, get_args(hint), place)
        if is_scalar(hint):
            try:
                return read_scalar(value, hint)
            except ValueError as error:
                return self._wrong(place, str(error))
        if (origin or hint) in _LISTS:
            return self._list(value, origin or hint, get_args(hint), place)
        if (origin or hint) in _TABLES:
            return self._table(value, get_args(hint), place)
        if isinstance(hint, type) and is_dataclass(hint):
            return self._section(value, hint, place)
        return self._wrong(place, f"cannot be set in a run file; remove it (its type is {_name(hint)})")

    def _wrong(self, place: str, problem: str) -> Any:
        self.problems.append(f"{place}: {problem}" if place else problem)
        return _WRONG

    def _annotated(self, value: object, hint: Any, place: str) -> Any:
        inner, *metadata = get_args(hint)
        slots = [entry for entry in metadata if isinstance(entry, Slot)]
        if slots:
            return self._slot(value, slots[0], place)
        found = self.read(value, inner, place)
        if found is _WRONG:
            return _WRONG
        try:
            check_bounds(found, metadata, written=value)
        except ValueError as error:
            return self._wrong(place, str(error))
        return found

    def _union(self, value: object, options: tuple[Any, ...], place: str) -> Any:
        if value is None and _NONE in options:
            return None
        options = tuple(option for option in options if option is not _NONE)
        if type(value) in options:  # 3 stays whole where a number or a whole number may stand
            return value
        attempts = []
        for option in options:
            attempt = _Checker()
            found = attempt.read(value, option, place)
            if not attempt.problems:
                return found
            attempts.append(attempt.problems)
        fitting = [problems for option, problems in zip(options, attempts, strict=True) if _fits(value, option)]
        if len(options) == 1 or len(fitting) == 1:
            self.problems += fitting[0] if fitting else attempts[0]
            return _WRONG
        return self._wrong(place, f"must be {' or '.join(map(_name, options))} (got {shown(value)})")

    def _list(self, value: object, kind: Any, item_hints: tuple[Any, ...], place: str) -> Any:
        if not isinstance(value, list):
            return self._wrong(place, f"must be a list; write [a, b] or one '- item' a line (got {shown(value)})")
        if kind is tuple and item_hints and item_hints[-1] is not Ellipsis:
            if len(value) != len(item_hints):
                return self._wrong(place, f"must have {len(item_hints)} items (got {len(value)})")
            hints: Sequence[Any] = item_hints
        else:
            hints = [item_hints[0] if item_hints else Any] * len(value)
        items = [
            self.read(item, hint, joined(place, str(number)))
            for number, (item, hint) in enumerate(zip(value, hints, strict=True))
        ]
        if any(item is _WRONG for item in items):
            return _WRONG
        return items if kind is list else tuple(items)

    def _table(self, value: object, hints: tuple[Any, ...], place: str) -> Any:
        if not isinstance(value, dict):
            return self._wrong(place, f"must be a block of 'name: value' lines (got {shown(value)})")
        item_hint = hints[1] if hints else Any
        items = {name: self.read(item, item_hint, joined(place, str(name))) for name, item in value.items()}
        names = [self.read(name, hints[0] if hints else str, joined(place, str(name))) for name in value]
        if any(item is _WRONG for item in (*items.values(), *names)):
            return _WRONG
        return dict(zip(names, items.values(), strict=True))

    def _section(self, value: object, cls: type, place: str) -> Any:
        block = self._block(value, place)
        if block is None:
            return _WRONG
        arguments = self._arguments(block, cls, signature_of(cls), (), place, kind=None)
        return self._made(cls, arguments, place)

    def _made(self, cls: type, arguments: _Arguments, place: str) -> Any:
        """The section, which may itself refuse settings that contradict each other.

        Where some are wrong already, the section is tried with their defaults, to tell the other problems now and not
        in the next run; what it then says about the wrong ones is no news.
        """
        if arguments.missing:
            return _WRONG
        try:
            made = cls(**arguments.values)
        except ValueError as error:
            named = [re.compile(rf"\b{re.escape(name)}\b") for name in arguments.wrong]
            for problem in placed(error, place):
                if not any(name.search(problem.removeprefix(place)) for name in named):
                    self.problems.append(problem)
            return _WRONG
        return _WRONG if arguments.wrong else made

    def _slot(self, value: object, slot: Slot, place: str) -> Any:
        if isinstance(value, str):
            return self._wrong(place, f"must be a block; write {{kind: {value}}}{listed(slot.kinds)}")
        block = self._block(value, place)
        if block is None:
            return _WRONG
        beside = signature_of(slot.beside).defaults if slot.beside else {}
        of_slot = {name: item for name, item in block.items() if name in beside}
        of_class = {name: item for name, item in block.items() if name not in beside and name != "kind"}
        set_beside = self._section(of_slot, slot.beside, place) if slot.beside else None
        if "kind" not in block:
            return self._wrong(joined(place, "kind"), f"missing; name one{listed(slot.kinds)}")
        try:
            cls = slot.find(block["kind"])
        except ConfigError as error:
            return self._wrong(joined(place, "kind"), str(error))
        try:
            signature = signature_of(cls)
        except ValueError as error:
            return self._wrong(joined(place, "kind"), f"'{block['kind']}' cannot be made by name: {error}")
        arguments = self._arguments(of_class, cls, signature, slot.given, place, kind=block["kind"], also=beside)
        if arguments.wrong or arguments.missing or set_beside is _WRONG:
            return _WRONG
        return Choice(block["kind"], cls, arguments.values, set_beside, place)

    def _block(self, value: object, place: str) -> dict[str, Any] | None:
        if value is None:  # a heading whose lines are all commented out
            return {}
        if isinstance(value, dict):
            return value
        self._wrong(place, f"must be a block of 'name: value' lines (got {shown(value)})")
        return None

    def _arguments(
        self,
        block: dict[str, Any],
        cls: type,
        signature: Signature,
        given: tuple[str, ...],
        place: str,
        kind: str | None,
        also: Mapping[str, Any] = types.MappingProxyType({}),
    ) -> _Arguments:
        """Arguments for ``cls``, completed with its defaults."""
        owner, thing = (f"'{kind}'", "argument") if kind else ("this section", "setting")
        settable = [name for name in signature.defaults if name not in given]
        wrong = []
        arguments = {name: signature.defaults[name] for name in settable if signature.defaults[name] is not REQUIRED}
        for name, item in block.items():
            here = joined(place, str(name))
            if name in given:
                found = self._wrong(here, "set by the program from the data; remove it from the file")
            elif name not in settable and not signature.takes_any:
                known = [*settable, *also]
                problem = f"{owner} takes no such {thing}{nearest(str(name), known) or listed(known)}"
                found = self._wrong(here, problem)
            elif item is None and arguments.get(name, REQUIRED) is None:
                found = None  # null for an argument whose default is None, whatever its author wrote as its type
            else:
                found = self._argument(item, cls, name, name in settable, here)
            if found is _WRONG:
                wrong.append(str(name))
            else:
                arguments[name] = found
        missing = [name for name in settable if name not in arguments and name not in block]
        for name in missing:
            self._wrong(joined(place, name), f"missing; {owner} needs it")
        unmakeable = [name for name in settable if name not in arguments]
        return _Arguments(arguments, tuple(wrong), tuple(unmakeable))

    def _argument(self, value: object, cls: type, name: str, named: bool, place: str) -> Any:
        try:
            hint = hint_of(cls, name) if named else Any
        except NameError as error:
            return self._wrong(place, f"cannot be checked; make the type hint of '{name}' importable ({error})")
        return self.read(value, hint, place)


def _fits(value: object, option: Any) -> bool:
    """Whether a value has the outer shape of an option of a union, so that its problems are worth telling."""
    if get_origin(option) is Annotated and not any(isinstance(entry, Slot) for entry in get_args(option)[1:]):
        return _fits(value, get_args(option)[0])
    outer = get_origin(option) or option
    if isinstance(value, dict):
        return outer in _TABLES or get_origin(option) is Annotated or is_dataclass(option)
    if isinstance(value, list):
        return outer in _LISTS
    return isinstance(value, int | float) and not isinstance(value, bool) and outer in (int, float)


def _name(hint: Any) -> str:
    """What a hint asks for, in words."""
    outer = get_origin(hint) or hint
    if outer is Annotated:
        return _name(get_args(hint)[0])
    if is_scalar(hint):
        return scalar_name(hint)
    if outer in _LISTS:
        return "a list"
    if outer in _TABLES or is_dataclass(outer) or outer is Choice:
        return "a block"
    return getattr(hint, "__qualname__", str(hint))
