"""What training minimises: one idea per file, blind to models; every loss of nothing is a connected zero."""

from torch import nn

from sensorgraph.losses.bitmask_bce import BitmaskBCE
from sensorgraph.losses.channel_type import ChannelTypeLoss
from sensorgraph.losses.cosine_norm import CosineNorm
from sensorgraph.losses.cpc import CPC
from sensorgraph.losses.expert_diversity import ExpertDiversity
from sensorgraph.losses.masked_bits import MaskedBits
from sensorgraph.losses.masked_span import MaskedSpan, Reconstructed
from sensorgraph.losses.nt_xent import NTXent
from sensorgraph.losses.order import PairOrder
from sensorgraph.losses.overflow_bce import OverflowBCE
from sensorgraph.losses.pair_bce import PairBCE
from sensorgraph.losses.pair_contrast import PairContrast
from sensorgraph.losses.weighted_sum import LossSum, WeightedSum

__all__ = [
    "CPC",
    "KINDS",
    "BitmaskBCE",
    "ChannelTypeLoss",
    "CosineNorm",
    "ExpertDiversity",
    "LossSum",
    "MaskedBits",
    "MaskedSpan",
    "NTXent",
    "OverflowBCE",
    "PairBCE",
    "PairContrast",
    "PairOrder",
    "Reconstructed",
    "WeightedSum",
]

KINDS: dict[str, type[nn.Module]] = {
    "nt_xent": NTXent,
    "cpc": CPC,
    "masked_bits": MaskedBits,
    "masked_span": MaskedSpan,
    "pair_contrast": PairContrast,
    "pair_bce": PairBCE,
    "order": PairOrder,
    "overflow_bce": OverflowBCE,
    "channel_type": ChannelTypeLoss,
    "bitmask_bce": BitmaskBCE,
    "expert_diversity": ExpertDiversity,
    "cosine_norm": CosineNorm,
}
