"""Graph neural networks for multi-rate, multi-modal telemetry."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sensorgraph.detector import AnomalyDetector as AnomalyDetector
    from sensorgraph.models.word_reader import read_words as read_words

__version__ = "0.1.0"

# What the package itself offers. A room is imported when its first thing is used: `import sensorgraph` stays cheap.
_OFFERED = {
    "AnomalyDetector": "sensorgraph.detector",
    "read_words": "sensorgraph.models.word_reader",
}

__all__ = ["__version__", *_OFFERED]


def __getattr__(name: str) -> Any:
    if name not in _OFFERED:
        raise AttributeError(f"module 'sensorgraph' has no attribute '{name}'")
    return getattr(importlib.import_module(_OFFERED[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_OFFERED])
