"""Fusion: how the streams of a scene tell each other what they know."""

from sensorgraph.fusion.base import Fused, Fusion, Inside, Links, Tokens
from sensorgraph.fusion.bilinear import Bilinear
from sensorgraph.fusion.concat import Concat
from sensorgraph.fusion.concept import Concept
from sensorgraph.fusion.cross_attention import CrossAttention
from sensorgraph.fusion.early import Early
from sensorgraph.fusion.gated import Gated
from sensorgraph.fusion.hierarchical import Hierarchical
from sensorgraph.fusion.hybrid import Hybrid
from sensorgraph.fusion.late import Late
from sensorgraph.fusion.mean_of_probabilities import MeanOfProbabilities
from sensorgraph.fusion.message_passing import MessagePassing
from sensorgraph.fusion.mixture_of_experts import MixtureOfExperts
from sensorgraph.fusion.none import NoFusion
from sensorgraph.fusion.scales import Scale
from sensorgraph.fusion.weighted import Weighted

KINDS: dict[str, type[Fusion]] = {
    "bilinear": Bilinear,
    "concat": Concat,
    "concept": Concept,
    "cross_attention": CrossAttention,
    "early": Early,
    "gated": Gated,
    "hierarchical": Hierarchical,
    "hybrid": Hybrid,
    "late": Late,
    "mean_of_probabilities": MeanOfProbabilities,
    "message_passing": MessagePassing,
    "mixture_of_experts": MixtureOfExperts,
    "none": NoFusion,
    "weighted": Weighted,
}

__all__ = [
    "KINDS",
    "Bilinear",
    "Concat",
    "Concept",
    "CrossAttention",
    "Early",
    "Fused",
    "Fusion",
    "Gated",
    "Hierarchical",
    "Hybrid",
    "Inside",
    "Late",
    "Links",
    "MeanOfProbabilities",
    "MessagePassing",
    "MixtureOfExperts",
    "NoFusion",
    "Scale",
    "Tokens",
    "Weighted",
]
