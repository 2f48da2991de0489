"""Optional packages: imported when a file needs them, with the way to install them where they are missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from sensorgraph.errors import MissingDependencyError


def import_extra(module: str, extra: str, purpose: str) -> ModuleType:
    """The module.

    Args:
        module: its name.
        extra: the extra of sensorgraph that installs it.
        purpose: what needs it, for the message.

    Raises:
        MissingDependencyError: it is not installed, or cannot be imported.

    Example:
        >>> import_extra("numpy", "logs", "an example").__name__
        'numpy'
    """
    try:
        return importlib.import_module(module)
    except Exception as error:  # a package that is there but broken fails in its own way
        raise MissingDependencyError(
            f"{purpose}: needs the package '{module.split('.')[0]}'; install it with "
            f"pip install 'sensorgraph[{extra}]' (got {type(error).__name__}: {error})"
        ) from error
