"""Small tasks that no single modality can solve, one per ready application; all of it is simulated."""

from sensorgraph.simulate.tasks.audio_video import AUDIO_VIDEO
from sensorgraph.simulate.tasks.robot import ROBOT
from sensorgraph.simulate.tasks.task import Task
from sensorgraph.simulate.tasks.tri_modal import TRI_MODAL
from sensorgraph.simulate.tasks.vision_language import VISION_LANGUAGE

TASKS: dict[str, Task] = {task.name: task for task in (VISION_LANGUAGE, AUDIO_VIDEO, ROBOT, TRI_MODAL)}
"""By name, as a run file has it."""

__all__ = ["AUDIO_VIDEO", "ROBOT", "TASKS", "TRI_MODAL", "VISION_LANGUAGE", "Task"]
