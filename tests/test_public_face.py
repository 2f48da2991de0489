"""What each room offers: every public name exists, is explained, and shows how it is used."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from typing import Any

import pytest

import sensorgraph
from sensorgraph import errors
from sensorgraph.config.signature import hint_of, signature_of

ROOMS = sorted(
    f"sensorgraph.{module.name}"
    for module in pkgutil.iter_modules(sensorgraph.__path__)
    if module.ispkg and module.name != "run"  # a program, not a library
)


def public(room: str) -> dict[str, Any]:
    module = importlib.import_module(room)
    return {name: getattr(module, name) for name in module.__all__}


def explained(thing: Any) -> str:
    """Docstring of a function, or of a class and its own methods; empty for what `dataclass` writes by itself."""
    text = inspect.getdoc(thing) or ""
    if not inspect.isclass(thing):
        return text
    if text.startswith(f"{thing.__name__}("):
        return ""
    methods = [inspect.getdoc(part) or "" for part in vars(thing).values() if inspect.isroutine(part)]
    return "\n".join([text, *methods]) if text else ""


@pytest.mark.parametrize("room", ROOMS)
def test_public_names_exist(room: str) -> None:
    names = importlib.import_module(room).__all__
    assert public(room)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("room", ROOMS)
def test_public_classes_and_functions_are_explained(room: str) -> None:
    things = {name: thing for name, thing in public(room).items() if inspect.isclass(thing) or inspect.isroutine(thing)}
    assert [name for name, thing in things.items() if not explained(thing)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_public_things_that_do_something_show_an_example(room: str) -> None:
    """Records and abstract contracts are exempt: they are seen in the examples of what makes or extends them."""
    doing = {
        name: thing
        for name, thing in public(room).items()
        if inspect.isroutine(thing)
        or (inspect.isclass(thing) and not inspect.isabstract(thing) and not dataclasses.is_dataclass(thing))
    }
    assert [name for name, thing in doing.items() if ">>> " not in explained(thing)] == []


def test_arguments_of_every_kind_can_be_checked_before_data_is_opened() -> None:
    """A hint that does not resolve at run time could not be held against a run file."""
    num_checked = 0
    for room in ROOMS:
        for cls in getattr(importlib.import_module(room), "KINDS", {}).values():
            for name in signature_of(cls).defaults:
                assert hint_of(cls, name) is not Any, f"{cls.__qualname__}.{name} has no type hint"
                num_checked += 1
    assert num_checked > 0


def test_the_exception_tree() -> None:
    """Each is ours, and also the builtin that a caller would expect."""
    tree = {name: thing for name, thing in vars(errors).items() if inspect.isclass(thing) and not name.startswith("_")}
    ours = {name for name, thing in tree.items() if issubclass(thing, errors.SensorgraphError)}
    warnings = {name for name, thing in tree.items() if issubclass(thing, UserWarning)}
    assert ours | warnings == set(tree)
    builtin = (ValueError, KeyError, OSError, ImportError, ArithmeticError)
    assert all(issubclass(tree[name], builtin) for name in ours - {"SensorgraphError"})


def test_the_package_offers_its_verbs_lazily() -> None:
    assert sensorgraph.read_words is importlib.import_module("sensorgraph.models").read_words
    assert "read_words" in dir(sensorgraph)
    with pytest.raises(AttributeError, match="no attribute 'no_such_thing'"):
        _ = sensorgraph.no_such_thing
