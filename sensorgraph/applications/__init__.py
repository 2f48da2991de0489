"""Ready applications: the scene network with a head for classes, for four combinations of modalities."""

from sensorgraph.applications.audio_video import AudioVideo
from sensorgraph.applications.base import Application
from sensorgraph.applications.robot import Robot
from sensorgraph.applications.tri_modal import TriModal
from sensorgraph.applications.vision_language import VisionLanguage

__all__ = ["Application", "AudioVideo", "Robot", "TriModal", "VisionLanguage"]
