"""The views that contrastive pre-training compares."""

from __future__ import annotations

import torch
from torch_geometric.transforms import BaseTransform, Compose

from sensorgraph.graph.transforms.bit_flip import BitFlip
from sensorgraph.graph.transforms.cutout import Cutout
from sensorgraph.graph.transforms.jitter import Jitter
from sensorgraph.graph.transforms.mask import Mask
from sensorgraph.graph.transforms.pictures import Brightness, PictureCutout
from sensorgraph.graph.transforms.scale import Scale
from sensorgraph.graph.transforms.token_mask import TokenMask


def default_views(generator: torch.Generator | int | None = None) -> BaseTransform:
    """A transform whose every call gives another view of the same scene, or of the same batch of scenes.

    Only raw series (``value``, ``valid``) change; summaries, links and truth stay what they are. Gains and noise change
    what is nobody's business; whole bins and stretches go missing, as they do in recordings. Order and pace stay:
    they tell streams apart.

    Args:
        generator: of the random numbers, or its seed; None takes torch's global one, whose state a data loader and a
            trainer seed and restore.

    Example:
        >>> view = default_views(generator=7)
        >>> [type(step).__name__ for step in view.transforms][:3]
        ['Scale', 'Jitter', 'BitFlip']
    """
    if isinstance(generator, int):
        generator = torch.Generator().manual_seed(generator)
    return Compose(
        [
            Scale(max_factor=1.25, generator=generator),
            Jitter(share=0.05, generator=generator),
            BitFlip(share=1e-3, generator=generator),
            Mask(share=0.15, generator=generator),
            Cutout(share=0.1, generator=generator),
            Brightness(max_change=0.1, generator=generator),
            PictureCutout(side_share=0.3, generator=generator),
            TokenMask(share=0.1, generator=generator),
        ]
    )
