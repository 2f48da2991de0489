"""The words of one recording as a graph: channels with their bits, candidate pairs with their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sensorgraph.typing import ChannelType
from sensorgraph.words.assignment import one_to_one
from sensorgraph.words.bit_figures import BIT_FIGURES, bit_figures
from sensorgraph.words.bits import NUM_BITS
from sensorgraph.words.candidates import Candidates
from sensorgraph.words.evidence import EVIDENCE
from sensorgraph.words.features import WORD_FEATURE_NAMES, word_features
from sensorgraph.words.judgement import WordEvidence
from sensorgraph.words.rules import pair_worth, recurrence_worth, single_type

NUM_BIT_FIGURES = len(BIT_FIGURES)
NUM_WORD_FIGURES = len(WORD_FEATURE_NAMES) - 5 * NUM_BITS + len(ChannelType)
NUM_LINK_FIGURES = len(EVIDENCE) + 5


@dataclass(frozen=True)
class WordGraph:
    """N channels and E candidate pairs.

    Attributes:
        bits: [N, 16, Kb] figures of each bit.
        words: [N, Kw] figures of each word, and the type that the rules would give it alone.
        link: [2, E] int64, supposed MSB and LSB.
        evidence: [E, Ke] evidence for each candidate, and what the rules make of it.
    """

    bits: Tensor
    words: Tensor
    link: Tensor
    evidence: Tensor

    @staticmethod
    def of(evidence: WordEvidence) -> WordGraph:
        """The graph of one recording."""
        table, candidates = evidence.table, evidence.candidates
        num = table.num_channels
        bits = np.zeros((num, NUM_BITS, NUM_BIT_FIGURES), np.float32)
        words = np.zeros((num, NUM_WORD_FIGURES), np.float32)
        for number, (channel, found) in enumerate(zip(table.channels, evidence.layouts, strict=True)):
            clean = table.words_of(number)
            bits[number] = bit_figures(clean, found, channel.valid)
            summary = word_features(clean, channel.valid)[5 * NUM_BITS :]
            words[number, : len(summary)] = summary
            words[number, len(summary) + single_type(found)] = 1.0
        links = np.concatenate([candidates.evidence, _by_rules(candidates, num)], axis=1)
        return WordGraph(
            torch.from_numpy(bits),
            torch.from_numpy(words),
            torch.from_numpy(np.ascontiguousarray(candidates.link.T)),
            torch.from_numpy(links.astype(np.float32)),
        )

    @staticmethod
    def joined(graphs: Sequence[WordGraph]) -> WordGraph:
        """Several recordings side by side; no link leads from one to another."""
        begin = np.cumsum([0, *(len(graph.words) for graph in graphs)])
        return WordGraph(
            torch.cat([graph.bits for graph in graphs]),
            torch.cat([graph.words for graph in graphs]),
            torch.cat([graph.link + int(first) for graph, first in zip(graphs, begin[:-1], strict=True)], dim=1),
            torch.cat([graph.evidence for graph in graphs]),
        )


def _by_rules(candidates: Candidates, num_channels: int) -> np.ndarray:
    """What the rules make of each candidate, and of its best rivals; [E, 5]."""
    worth = pair_worth(candidates)
    value = np.arcsinh(worth) / 4.0
    chosen = np.zeros(len(worth))
    chosen[one_to_one(candidates.link, worth, num_channels)] = 1.0
    rivals = [value - best_other(candidates.link[:, side], value) for side in (0, 1)]
    return np.stack([value, np.arcsinh(recurrence_worth(candidates)) / 4.0, *rivals, chosen], axis=1)


def best_other(owner: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Greatest value among the other entries of the same owner; -2 where there is none.

    Example:
        >>> best_other(np.array([0, 0, 1]), np.array([3.0, 1.0, 5.0])).tolist()
        [1.0, 3.0, -2.0]
    """
    order = np.lexsort((-value, owner))
    first = np.searchsorted(owner[order], owner, side="left")
    best, second = order[first], order[np.minimum(first + 1, len(owner) - 1)]
    has_second = (first + 1 < len(owner)) & (owner[second] == owner)
    out = np.where(best == np.arange(len(owner)), np.where(has_second, value[second], -2.0), value[best])
    return np.asarray(out, np.float64)
