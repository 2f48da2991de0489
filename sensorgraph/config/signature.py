"""What a class can be told: the parameters of its ``__init__`` with their types and defaults."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, get_type_hints

REQUIRED = inspect.Parameter.empty
"""Default of a parameter that has none."""


@dataclass(frozen=True)
class Signature:
    """The keyword parameters of a class.

    Attributes:
        defaults: parameter name to its default, `REQUIRED` where there is none, in order.
        takes_any: the class has ``**kwargs``, so any further name is accepted.
    """

    defaults: Mapping[str, Any]
    takes_any: bool


def signature_of(cls: type) -> Signature:
    """Parameters of ``cls.__init__`` without ``self``.

    Raises:
        ValueError: the class (written in C, say) does not tell its signature, or wants arguments by position.
    """
    parameters = inspect.signature(cls).parameters.values()
    by_position = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY and p.default is p.empty]
    if by_position:
        raise ValueError(f"takes '{by_position[0]}' by position only")
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    made = {
        field.name: field.default_factory()
        for field in (fields(cls) if is_dataclass(cls) else ())
        if field.init and field.default_factory is not MISSING
    }
    return Signature(
        defaults={p.name: made.get(p.name, p.default) for p in parameters if p.kind in by_name},
        takes_any=any(p.kind is p.VAR_KEYWORD for p in parameters),
    )


def hint_of(cls: type, name: str) -> Any:
    """The resolved type hint of one parameter, ``Any`` where the author wrote none.

    One at a time, because a hint that only a type checker can resolve (an import under ``TYPE_CHECKING``) must not
    spoil the others.

    Raises:
        NameError: the hint names something that does not exist at run time.
    """
    if "__dataclass_fields__" in vars(cls):
        for owner in cls.__mro__:
            annotations = inspect.get_annotations(owner)
            if name in annotations:
                return _resolve(name, annotations[name], vars(sys.modules[owner.__module__]))
    init = cls.__init__  # type: ignore[misc]
    annotation = getattr(init, "__annotations__", {}).get(name, Any)
    return _resolve(name, annotation, getattr(init, "__globals__", {}))


def _resolve(name: str, annotation: Any, names: Mapping[str, Any]) -> Any:
    carrier = type("carrier", (), {"__annotations__": {name: annotation}})
    return get_type_hints(carrier, globalns=dict(names), localns={}, include_extras=True)[name]
