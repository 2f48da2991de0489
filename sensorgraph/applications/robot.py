"""A camera and many sensors."""

from __future__ import annotations

from typing import ClassVar, final

from sensorgraph.applications.base import Application


@final
class Robot(Application):
    """Tells apart what a robot sees and feels: where to turn, what to grip, what has gone wrong?

    Args:
        run_file: such as ``configs/robot.yaml``.
        overrides: ``key.sub=value`` each.

    Example:
        >>> from sensorgraph.testing.application_files import tiny_file
        >>> model = Robot(tiny_file("robot")).fit()
        >>> from sensorgraph.simulate.tasks import ROBOT
        >>> list(model.predict(ROBOT.examples(2, seed=9)).columns)
        ['scene', 'label', 'predicted', 'p(left)', 'p(right)']
    """

    modalities: ClassVar[tuple[str, ...]] = ("image", "sensor")
