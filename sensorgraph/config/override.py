"""Settings from the command line, ``training.epochs=3``, laid over a run file before it is checked."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from sensorgraph.config.scalars import shown
from sensorgraph.config.strict_yaml import parse_yaml
from sensorgraph.errors import ConfigError


def with_overrides(content: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """A copy of a run file's content with settings replaced or added.

    Args:
        content: as `read_yaml` gives it; it is not changed.
        overrides: ``key.sub=value`` each; a number counts the items of a list from 0, the value is strict YAML.

    Raises:
        ConfigError: listing every override that is not of this form or points nowhere. Whether a setting exists at
            all is not judged here: the whole is checked like the file.

    Example:
        >>> with_overrides({"fusion": {"kind": "none"}, "rates": [1, 2]}, ["fusion.kind=concat", "rates.1=5"])
        {'fusion': {'kind': 'concat'}, 'rates': [1, 5]}
    """
    changed = copy.deepcopy(content)
    problems = []
    for override in overrides:
        try:
            _apply(changed, override)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return changed


def _apply(content: dict[str, Any], override: str) -> None:
    path, equals, text = override.partition("=")
    names = path.strip().split(".")
    if not equals or not all(names):
        raise ConfigError(f"override '{override}': must read key.sub=value; check dots and '='")
    if not text.strip():
        raise ConfigError(f"override '{override}': has no value; write {path}=null to unset it")
    value = parse_yaml(text, source=f"override '{override}'")
    holder: Any = content
    for depth, name in enumerate(names):
        last = depth == len(names) - 1
        where = ".".join(names[:depth]) or "the file"
        key: Any = name
        if isinstance(holder, list):
            if not (name.isdecimal() and int(name) < len(holder)):
                problem = f"'{where}' is a list of {len(holder)}; count its items from 0"
                raise ConfigError(f"override '{override}': {problem} (got '{name}')")
            key = int(name)
        elif not isinstance(holder, dict):
            problem = f"'{where}' holds a single value, so nothing can be set inside it"
            raise ConfigError(f"override '{override}': {problem} (got {shown(holder)})")
        if last:
            holder[key] = value
        else:
            if isinstance(holder, dict) and holder.get(key) is None:
                holder[key] = {}
            holder = holder[key]
