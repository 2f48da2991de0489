"""A scene of which somebody has said what it is."""

from __future__ import annotations

from dataclasses import dataclass

from sensorgraph.scenes.scene import Scene


@dataclass(frozen=True)
class Example:
    """A scene and its class.

    Attributes:
        scene: what was observed.
        label: name of its class; None where nobody has said.
    """

    scene: Scene
    label: str | None = None
