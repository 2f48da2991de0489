"""Exchanges between the streams of a scene, and mixing along the bins of each, in a stated order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from sensorgraph.fusion.base import Fused, Inside, Links, Tokens
from sensorgraph.fusion.bin_mixing import BinMixing
from sensorgraph.fusion.meeting import Meeting
from sensorgraph.fusion.scales import Scales
from sensorgraph.fusion.streams import Streams
from sensorgraph.fusion.uptake import Bend, Taken, Uptake
from sensorgraph.fusion.voices import voices_of


class Exchange(nn.Module):
    """Streams speak, modalities meet, streams listen.

    What a stream says is its token, bent by who it is; how much it counts among its like is learned from who it is.
    The scene node speaks too: it says what was heard before, and at first what may be expected of any scene.

    Args:
        dim: token width.
        meeting: makes of the modalities' voices what streams are told.
        uptake: what a stream makes of it.
    """

    def __init__(self, dim: int, meeting: Meeting, uptake: Uptake) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.bend = Bend(dim)
        self.say = nn.Linear(dim, dim)
        self.loudness = nn.Linear(dim, 1)
        self.meeting = meeting
        self.uptake = uptake

    def forward(self, value: Tensor, scale: Tensor, streams: Streams) -> tuple[Taken, Tensor | None]:
        """New tokens, and what share of each voice was let through.

        Shapes: ``value`` [N, L, D] tokens as they are by now, ``scale`` [N, 1, D].
        """
        normed = self.norm(value)
        said = self.say(self.bend(normed, streams.who)) * scale
        loudness = nn.functional.softplus(self.loudness(streams.who).squeeze(-1))
        told = self.meeting(voices_of(said, loudness, streams))
        num_answers = told.value.shape[1]
        row = streams.scene if num_answers == 1 else streams.scene * num_answers + streams.kind
        heard = told.value.flatten(0, 1).index_select(0, row)
        return self.uptake(value, normed, heard, streams.who), told.share


class Rounds(nn.Module):
    """Runs exchanges and mixings, one after the other, on all streams of a batch.

    Args:
        dim: token width.
        steps: what is done, in order.
    """

    def __init__(self, dim: int, steps: Sequence[Exchange | BinMixing]) -> None:
        super().__init__()
        self.scales = Scales(dim)
        self.steps = nn.ModuleList(steps)

    @classmethod
    def alternating(cls, dim: int, exchanges: Sequence[Exchange], reach: int, causal: bool, dropout: float) -> Rounds:
        """Every exchange is followed by a `BinMixing` of the given reach."""
        mixing = (BinMixing(dim, reach, causal, dropout) for _ in exchanges)
        return cls(dim, [step for pair in zip(exchanges, mixing, strict=True) for step in pair])

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `sensorgraph.fusion.Fusion.forward`; no link gets attention."""
        streams = Streams.of(tokens)
        value, scale = streams.value, self.scales(streams.kind)
        shares: list[Tensor] = []
        gates: list[Tensor] = []
        for step in self.steps:
            if isinstance(step, BinMixing):
                value = step(value)
                continue
            taken, share = step(value, scale, streams)
            value = taken.value
            shares += [] if share is None else [share]
            gates += [] if taken.gate is None else [taken.gate]
        inside = Inside(tuple(shares), tuple(streams.by_type(gate) for gate in gates))
        attention = {kind: link.weight.new_zeros(link.weight.shape) for kind, link in links.items()}
        return Fused(streams.by_type(value), attention, inside)
