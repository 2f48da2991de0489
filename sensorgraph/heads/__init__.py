"""Heads: what the streams are, read from the fused tokens."""

from sensorgraph.heads.bitmask import BitLogits, BitmaskHead
from sensorgraph.heads.channel_type import ChannelTypeHead
from sensorgraph.heads.overflow import OverflowHead
from sensorgraph.heads.pairing import PairingHead, PairLogits, best_pair_of

__all__ = [
    "BitLogits",
    "BitmaskHead",
    "ChannelTypeHead",
    "OverflowHead",
    "PairLogits",
    "PairingHead",
    "best_pair_of",
]
