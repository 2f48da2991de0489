"""Pictures and sentences."""

from __future__ import annotations

from typing import ClassVar, final

from sensorgraph.applications.base import Application


@final
class VisionLanguage(Application):
    """Tells apart pictures with a text: does the sentence fit, what is the answer, may this be shown?

    Args:
        run_file: such as ``configs/vision_language.yaml``.
        overrides: ``key.sub=value`` each.

    Example:
        >>> from sensorgraph.testing.application_files import tiny_file
        >>> model = VisionLanguage(tiny_file("vision_language")).fit()
        >>> from sensorgraph.simulate.tasks import VISION_LANGUAGE
        >>> list(model.predict(VISION_LANGUAGE.examples(2, seed=9)).columns)
        ['scene', 'label', 'predicted', 'p(no)', 'p(yes)']
    """

    modalities: ClassVar[tuple[str, ...]] = ("image", "text")
