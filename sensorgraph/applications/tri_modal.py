"""Pictures, sound and text."""

from __future__ import annotations

from typing import ClassVar, final

from sensorgraph.applications.base import Application


@final
class TriModal(Application):
    """Tells apart scenes that are seen, heard and written about.

    Args:
        run_file: such as ``configs/tri_modal.yaml``.
        overrides: ``key.sub=value`` each.

    Example:
        >>> from sensorgraph.testing.application_files import tiny_file
        >>> model = TriModal(tiny_file("tri_modal")).fit()
        >>> from sensorgraph.simulate.tasks import TRI_MODAL
        >>> list(model.predict(TRI_MODAL.examples(2, seed=9)).columns)
        ['scene', 'label', 'predicted', 'p(false)', 'p(true)']
    """

    modalities: ClassVar[tuple[str, ...]] = ("image", "audio", "text")
