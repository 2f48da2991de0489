"""Labelled words as examples for the word network: a graph and what is true of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sensorgraph.models.word_graph import WordGraph
from sensorgraph.words.bit_figures import BIT_FIGURES
from sensorgraph.words.bits import NUM_BITS
from sensorgraph.words.judgement import WordEvidence
from sensorgraph.words.labelled import LabelledWords


@dataclass(frozen=True)
class WordTruth:
    """What is true of N channels and E candidates.

    Attributes:
        channel_type: [N] int64.
        is_pair: [E] float32.
        flag: [N, 16] float32.
        live: [N, 16] float32, 1 where a bit changes, so that it can be told what it is.
        begins: [N, 16] float32, 1 where a field or an unused stretch begins.
        begins_known: [N, 16] float32, 1 where that is known.
    """

    channel_type: Tensor
    is_pair: Tensor
    flag: Tensor
    live: Tensor
    begins: Tensor
    begins_known: Tensor


@dataclass(frozen=True)
class WordExample:
    """One recording, or several side by side."""

    graph: WordGraph
    truth: WordTruth

    @staticmethod
    def of(recording: LabelledWords) -> WordExample:
        """The example of one recording."""
        graph = WordGraph.of(WordEvidence.of(recording.channels))
        pairs = set(recording.pairs)
        is_pair = [(high, low) in pairs for high, low in graph.link.T.tolist()]
        return WordExample(
            graph,
            WordTruth(
                channel_type=torch.from_numpy(recording.channel_type),
                is_pair=torch.tensor(is_pair, dtype=torch.float32),
                flag=_bits(recording.flag_bits),
                live=graph.bits[:, :, BIT_FIGURES.index("live")].clone(),
                begins=_bits(recording.begins),
                begins_known=_bits(recording.begins_known),
            ),
        )

    @staticmethod
    def joined(examples: Sequence[WordExample]) -> WordExample:
        """Several examples side by side."""
        truth = {
            name: torch.cat([getattr(example.truth, name) for example in examples])
            for name in WordTruth.__dataclass_fields__
        }
        return WordExample(WordGraph.joined([example.graph for example in examples]), WordTruth(**truth))


def _bits(masks: np.ndarray) -> Tensor:
    return torch.from_numpy(((masks[:, None] >> np.arange(NUM_BITS)) & 1).astype(np.float32))
