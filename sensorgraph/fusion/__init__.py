"""Fusion: how the streams of a scene tell each other what they know."""

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.message_passing import MessagePassing
from sensorgraph.fusion.none import NoFusion

KINDS: dict[str, type[Fusion]] = {
    "message_passing": MessagePassing,
    "none": NoFusion,
}

__all__ = ["KINDS", "Fused", "Fusion", "Links", "MessagePassing", "NoFusion", "Tokens"]
