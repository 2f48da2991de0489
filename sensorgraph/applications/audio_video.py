"""Films and their sound."""

from __future__ import annotations

from typing import ClassVar, final

from sensorgraph.applications.base import Application


@final
class AudioVideo(Application):
    """Tells apart films with sound: what happens here, does the sound belong to the film?

    Args:
        run_file: such as ``configs/audio_video.yaml``.
        overrides: ``key.sub=value`` each.

    Example:
        >>> from sensorgraph.testing.application_files import tiny_file
        >>> model = AudioVideo(tiny_file("audio_video")).fit()
        >>> from sensorgraph.simulate.tasks import AUDIO_VIDEO
        >>> list(model.predict(AUDIO_VIDEO.examples(2, seed=9)).columns)
        ['scene', 'label', 'predicted', 'p(apart)', 'p(together)']
    """

    modalities: ClassVar[tuple[str, ...]] = ("video", "audio")
