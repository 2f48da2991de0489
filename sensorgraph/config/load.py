"""From a run file and overrides to one checked object, with every mistake told at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from sensorgraph.config.check import build
from sensorgraph.config.override import with_overrides
from sensorgraph.config.scalars import shown
from sensorgraph.config.strict_yaml import read_yaml
from sensorgraph.errors import ConfigError

T = TypeVar("T")


def load(path: str | Path, schema: type[T], overrides: Sequence[str] = ()) -> T:
    """The run file as an object of ``schema``.

    Args:
        path: a YAML file.
        schema: a frozen dataclass whose fields are the sections and slots of the file.
        overrides: ``key.sub=value`` each, checked like the file.

    Raises:
        ConfigError: listing every problem; none of the data has been opened by then.

    Example:
        >>> import tempfile
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Training:
        ...     epochs: int = 10
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "run.yaml"
        ...     _ = file.write_text("epochs: 3")
        ...     load(file, Training, ["epochs=5"])
        Training(epochs=5)
    """
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: must hold 'name: value' lines (got {shown(content)})")
    return build(with_overrides(content, overrides), schema)
