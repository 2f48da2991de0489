"""What raw 16-bit words show by themselves: bits, toggles, steps and roll-overs, cut into patches."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from sensorgraph.encoders.row import Row, patchify
from sensorgraph.graph.ragged import Ragged

NUM_BITS = 16
NUM_NUMBERS = 7
NUM_SUMMARY = 3 * NUM_BITS + NUM_NUMBERS
_MODULUS = 1 << NUM_BITS


@dataclass(frozen=True)
class WordFeatures:
    """Features of words, by patch.

    Attributes:
        bits: [R, P, 16], the bits (least significant first).
        toggles: [R, P, 16], 1 where a bit differs from the sample before.
        numbers: [R, 7, P]: level; step modulo 65536; plain step; roll-over (-1, 0, 1); unit step (-1, 0, 1);
            validity; validity of the step.
        used: [R] bool, True where a patch holds a valid sample.
        row: where the patches lie.
    """

    bits: Tensor
    toggles: Tensor
    numbers: Tensor
    used: Tensor
    row: Row

    def bit_statistics(self) -> Tensor:
        """Share of ones, toggle rate and rate of toggling together with the bit below: [R, 3, 16]."""
        together = torch.zeros_like(self.toggles[:, 0])
        together[:, 1:] = (self.toggles[..., 1:] * self.toggles[..., :-1]).mean(1)
        return torch.stack([self.bits.mean(1), self.toggles.mean(1), together], dim=1)

    def summary(self) -> Tensor:
        """Bit statistics, and mean size of the numbers: [R, NUM_SUMMARY]."""
        return torch.cat([self.bit_statistics().flatten(1), self.numbers.abs().mean(2)], dim=1)


def word_features(streams: Ragged, patch_samples: int, gap: int) -> WordFeatures:
    """Bits and counters of words.

    Two differences tell a counter from a number: the plain one, :math:`d = w_t - w_{t-1}`, and the one modulo
    65536, :math:`m = (d + 2^{15}) \\bmod 2^{16} - 2^{15}`. They agree unless the word rolled over, and
    :math:`(m - d) / 2^{16}` is the carry that a high word would see. Steps are shown on a log scale, since a step of
    1 matters as much as one of 1000.

    Args:
        streams: words as float32, 0 to 65535 (what lies outside is clipped).
        patch_samples: samples per patch, ``P``.
        gap: empty patches behind each stream.
    """
    patches = patchify(streams, patch_samples, gap)
    word = torch.where(streams.valid, streams.value, 0.0).clamp(0, _MODULUS - 1).to(torch.int32)
    before = word.roll(1)
    known = streams.valid & streams.valid.roll(1)
    starts = streams.offset()[:-1]
    known[starts[streams.length > 0]] = False
    change = torch.where(known, word - before, 0)
    flips = torch.where(known, word ^ before, 0)

    valid = patches.spread(streams.valid)
    word, change = patches.spread(word), patches.spread(change)
    modular = (change + _MODULUS // 2).remainder(_MODULUS) - _MODULUS // 2
    number = [
        word / (_MODULUS - 1),
        _log_step(modular),
        _log_step(change),
        (modular - change) / _MODULUS,
        torch.where(modular.abs() == 1, modular, 0),
        valid,
        patches.spread(known),
    ]
    return WordFeatures(
        bits_of(word),
        bits_of(patches.spread(flips)),
        torch.stack([n.to(torch.float32) for n in number], dim=1),
        valid.any(1),
        patches.row,
    )


def bits_of(word: Tensor) -> Tensor:
    """The 16 bits of each word, least significant first: [...] int to [..., 16] float32 in {0, 1}.

    Example:
        >>> bits_of(torch.tensor([5])).int().tolist()
        [[1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]
    """
    # A table of all bytes: one lookup is several times faster than 16 shifts.
    byte = torch.arange(256, device=word.device)
    table = (byte[:, None] >> torch.arange(8, device=word.device) & 1).to(torch.float32)
    return F.embedding(torch.stack([word & 255, word >> 8], dim=-1), table).flatten(-2)


def _log_step(step: Tensor) -> Tensor:
    """Signed log2 of a step, -1 to 1."""
    step = step.to(torch.float32)
    return step.sign() * step.abs().add(1).log2() / NUM_BITS
