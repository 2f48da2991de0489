"""Every exception that sensorgraph raises on bad input, on one screen.

Messages read ``place: problem; remedy (got value)``. Each class is also the builtin that a caller would
expect, so ``except ValueError`` keeps working for somebody who never heard of this module.
"""

from __future__ import annotations


class SensorgraphError(Exception):
    """Base of all errors raised on purpose; catch this to catch everything of ours."""


class ConfigError(SensorgraphError, ValueError):
    """A run file is wrong. ``problems`` lists every mistake that was found, not just the first."""

    def __init__(self, problems: list[str] | str) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class DataError(SensorgraphError, ValueError):
    """Data does not say what it must: a value, a shape, a time stamp or a label is impossible."""


class SceneError(DataError):
    """A scene or recording is unusable. ``problems`` lists every reason at once."""

    def __init__(self, problems: list[str] | str) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class FileFormatError(SensorgraphError, OSError):
    """A file is missing, truncated, foreign, or of a newer schema version."""


class UnknownNameError(SensorgraphError, KeyError):
    """A stream, scene, kind or column that does not exist was asked for."""

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return str(self.args[0]) if self.args else ""


class MissingDependencyError(SensorgraphError, ImportError):
    """An optional package is needed; the message names the extra that installs it."""


class CalibrationError(SensorgraphError, ValueError):
    """Scores cannot support a threshold at all (none finite, too few)."""


class DataWarning(UserWarning):
    """Data was used, but not all of it or not as it stands; the message says what became of the rest."""


class CalibrationWarning(UserWarning):
    """A threshold was set, but the calibration data does not support the asked rate well."""


class ReadWarning(UserWarning):
    """A file was read, but not all of it is there or can be used; the message says what, where and how much."""


class NonFiniteLossError(SensorgraphError, ArithmeticError):
    """Training met a NaN or infinite loss; the message names the scene and the loss term."""
