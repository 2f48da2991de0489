"""Writing a checked configuration back as the complete YAML file that would give it again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Any

import yaml

from sensorgraph.config.component import Choice, joined
from sensorgraph.config.scalars import shown
from sensorgraph.config.signature import REQUIRED, signature_of
from sensorgraph.config.strict_yaml import plain_scalar
from sensorgraph.errors import ConfigError


def to_yaml(config: object) -> str:
    """YAML text with every default filled in; loading it gives an equal configuration.

    A default that no file could hold (a function, say) is left to the class that has it.

    Raises:
        ConfigError: a value that the program set cannot be written.

    Example:
        >>> print(to_yaml({"rate": 0.001, "mode": "off", "word": "1e-3"}), end="")
        rate: 0.001
        mode: 'off'
        word: '1e-3'
    """
    return yaml.dump(to_plain(config), Dumper=_Writer, sort_keys=False, width=110, allow_unicode=True)


def to_plain(value: Any, place: str = "") -> Any:
    """A configuration as nested dicts, lists and scalars, the way a file would hold it.

    Raises:
        ConfigError: a value cannot be written; the message names its place.

    Example:
        >>> from pathlib import Path
        >>> to_plain({"folder": Path("runs"), "rates_hz": (50.0, 200.0)})
        {'folder': 'runs', 'rates_hz': [50.0, 200.0]}
    """
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, float) and math.isnan(value):
        raise ConfigError(f"{place}: cannot be written; a setting must be a number (got nan)")
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)  # numpy's float64 is a float, but YAML knows only the real one
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Choice):
        beside = to_plain(value.beside, place) if value.beside is not None else {}
        return {"kind": value.kind, **beside, **_settings(value.arguments, value.cls, place)}
    if is_dataclass(value) and not isinstance(value, type):
        settings = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        return _settings(settings, type(value), place)
    if isinstance(value, Mapping):
        return {str(name): to_plain(item, joined(place, str(name))) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item, joined(place, str(number))) for number, item in enumerate(value)]
    raise ConfigError(f"{place or 'config'}: cannot be written to a file (got {shown(value)})")


def _settings(settings: Mapping[str, Any], cls: type, place: str) -> dict[str, Any]:
    defaults = signature_of(cls).defaults
    written = {}
    for name, value in settings.items():
        try:
            written[name] = to_plain(value, joined(place, name))
        except ConfigError:
            if value is not defaults.get(name, REQUIRED):
                raise
    return written


class _Writer(yaml.SafeDumper):
    """SafeDumper that also quotes text which our reader, but not YAML 1.1, would take for something else."""

    def ignore_aliases(self, data: object) -> bool:
        return True  # the reader knows no anchors

    def represent_str(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="'" if _needs_quotes(data) else None)


_Writer.add_representer(str, _Writer.represent_str)


def _needs_quotes(text: str) -> bool:
    try:
        return not isinstance(plain_scalar(text), str)
    except ValueError:
        return True
