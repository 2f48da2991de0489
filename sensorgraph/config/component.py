"""A slot of a run file names a kind and its arguments; a choice is what a user put there."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sensorgraph.config.signature import signature_of
from sensorgraph.config.suggest import listed, nearest
from sensorgraph.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Slot:
    """What may stand in one place of a run file: ``{kind: name, argument: value, ...}``.

    Written into a type hint, ``Annotated[Choice[Fusion], Slot(KINDS, Fusion, given=("dim",))]``. The signature of the
    class that a kind names is the schema of its arguments.

    Attributes:
        kinds: the literal table of the room: short name to class.
        base: class that an outside class (``package.module:Class``) must extend; None accepts any.
        given: arguments that the program sets from the data; an error where a file sets them.
        beside: a frozen dataclass whose fields stand next to ``kind`` but are the slot's, not the class's
            (the rates that an encoder covers, the weight of a loss).
    """

    kinds: Mapping[str, type]
    base: type | None = None
    given: tuple[str, ...] = ()
    beside: type | None = None

    def find(self, name: object) -> type:
        """The class that a kind names.

        Raises:
            ConfigError: there is none, or an outside class cannot be used here.
        """
        if not isinstance(name, str):
            raise ConfigError(f"must be the name of a kind (got {name!r}){listed(self.kinds)}")
        if name in self.kinds:
            return self.kinds[name]
        if ":" in name:
            return _outside_class(name, self.base)
        raise ConfigError(f"no kind '{name}'{nearest(name, self.kinds)}{listed(self.kinds)}")


@dataclass(frozen=True)
class Choice(Generic[T]):
    """A kind and its checked arguments; `build` makes the object once the data is known.

    Attributes:
        kind: the name in the file.
        cls: the class that it names.
        arguments: what the file says, completed with the defaults of the class.
        beside: the slot's own settings, an object of ``Slot.beside``.
        place: where it stands in the file, for messages.

    Example:
        >>> from fractions import Fraction
        >>> Choice("fraction", Fraction, {"numerator": 1}).build(denominator=3, dim=128)
        Fraction(1, 3)
    """

    kind: str
    cls: type[T]
    arguments: Mapping[str, Any]
    beside: Any = None
    place: str = field(default="", compare=False)

    def build(self, **given: Any) -> T:
        """The object, made from the file's arguments and those of ``given`` that its class takes.

        Raises:
            ConfigError: the class refuses the values; the message names the place in the file.
        """
        takes = signature_of(self.cls).defaults
        try:
            return self.cls(**{**self.arguments, **{name: value for name, value in given.items() if name in takes}})
        except ValueError as error:
            raise ConfigError(placed(error, self.place)) from error


def placed(error: ValueError, place: str) -> list[str]:
    """Problems of an object that refused its values, with the place of the object in front.

    A `ConfigError` names the setting first (``"low_hz: must be below high_hz"``), so its place is continued; where
    it also names the section (``"faults.severity: ..."``), the section is not named twice.
    """
    if isinstance(error, ConfigError):
        own_name = place.rpartition(".")[2] + "."
        return [joined(place, problem.removeprefix(own_name)) for problem in error.problems]
    return [f"{place}: {error}" if place else str(error)]


def joined(place: str, name: str) -> str:
    """The place of a setting inside a block; the same text is its key in an override."""
    return f"{place}.{name}" if place else name


def _outside_class(path: str, base: type | None) -> type:
    module_name, _, class_name = path.partition(":")
    if module_name.split(".")[0] == "sensorgraph":
        raise ConfigError(f"'{path}' is a class of sensorgraph; name its kind instead")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # somebody else's code may raise anything while it is imported
        raise ConfigError(
            f"cannot import '{module_name}'; check PYTHONPATH ({type(error).__name__}: {error})"
        ) from error
    found = getattr(module, class_name, None)
    if found is None:
        public = [name for name, value in vars(module).items() if isinstance(value, type) and name[0] != "_"]
        raise ConfigError(f"'{module_name}' has no class '{class_name}'{nearest(class_name, public)}{listed(public)}")
    if not isinstance(found, type):
        raise ConfigError(f"'{path}' is not a class; name a class (got {type(found).__name__})")
    if base is not None and not issubclass(found, base):
        raise ConfigError(f"'{path}' must extend {base.__module__}.{base.__qualname__} to stand here")
    return found
