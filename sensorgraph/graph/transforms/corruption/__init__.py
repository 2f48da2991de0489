"""Corruption of one modality at five levels: how fast does a network lose what it can do?

Unlike the augmentations beside them, these do not make views to learn from but damage to test with. So they are drawn
from a seed and the scene's name alone, a level contains the damage of the level below, and the summaries, which
decoders reconstruct and residuals are made of, are those of the damaged samples. They take graphs as `build_graph`
makes them, and hence stand before `NormaliseSummary`.
"""

from sensorgraph.graph.transforms.corruption.base import LEVELS, Corruption
from sensorgraph.graph.transforms.corruption.clipping import Clipping
from sensorgraph.graph.transforms.corruption.delay import Delay
from sensorgraph.graph.transforms.corruption.dropout import Dropout
from sensorgraph.graph.transforms.corruption.freeze import Freeze
from sensorgraph.graph.transforms.corruption.noise import Noise
from sensorgraph.graph.transforms.corruption.occlusion import Occlusion
from sensorgraph.graph.transforms.corruption.token_loss import TokenLoss

KINDS: dict[str, type[Corruption]] = {
    "clipping": Clipping,
    "delay": Delay,
    "dropout": Dropout,
    "freeze": Freeze,
    "noise": Noise,
    "occlusion": Occlusion,
    "token_loss": TokenLoss,
}

__all__ = [
    "KINDS",
    "LEVELS",
    "Clipping",
    "Corruption",
    "Delay",
    "Dropout",
    "Freeze",
    "Noise",
    "Occlusion",
    "TokenLoss",
]
