"""Heads: what the streams are, read from the fused tokens."""

from sensorgraph.heads.bitmask import BitLogits, BitmaskHead
from sensorgraph.heads.channel_type import ChannelTypeHead
from sensorgraph.heads.overflow import OverflowHead
from sensorgraph.heads.pairing import PairingHead, PairLogits, best_pair_of
from sensorgraph.heads.rules import Rule
from sensorgraph.heads.scene_class import PooledTokens, SceneClassHead
from sensorgraph.heads.state_machine import StateMachineHead

__all__ = [
    "BitLogits",
    "BitmaskHead",
    "ChannelTypeHead",
    "OverflowHead",
    "PairLogits",
    "PairingHead",
    "PooledTokens",
    "Rule",
    "SceneClassHead",
    "StateMachineHead",
    "best_pair_of",
]
