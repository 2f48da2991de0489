"""What raw 16-bit words show by themselves: bits, toggles, steps and roll-overs, cut into patches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from sensorgraph.encoders.row import Row, patchify
from sensorgraph.graph.ragged import Ragged

NUM_BITS = 16
NUM_NUMBERS = 7
NUM_SUMMARY = 3 * NUM_BITS + NUM_NUMBERS
_MODULUS = 1 << NUM_BITS
_SAMPLES_AT_ONCE = 1 << 15  # features of so many samples stay in a processor's cache


@dataclass(frozen=True)
class WordPatches:
    """Patches of words and their features; ``R`` patches of ``P`` samples.

    Two differences tell a counter from a number: the plain one, :math:`d = w_t - w_{t-1}`, and the one modulo
    65536, :math:`m = (d + 2^{15}) \\bmod 2^{16} - 2^{15}`. They agree unless the word rolled over, and
    :math:`(m - d) / 2^{16}` is the carry that a high word would see.

    Attributes:
        word: [R, P] int32, 0 where missing.
        change: [R, P] int32, difference from the sample before, 0 where either is missing.
        flips: [R, P] int32, bits that differ from the sample before, 0 where either is missing.
        valid: [R, P] bool, the sample is there.
        known: [R, P] bool, the sample and the one before are there.
    """

    word: Tensor
    change: Tensor
    flips: Tensor
    valid: Tensor
    known: Tensor

    @cached_property
    def bits(self) -> Tensor:
        """[R, P, 16], least significant first."""
        return bits_of(self.word)

    @cached_property
    def toggles(self) -> Tensor:
        """[R, P, 16], 1 where a bit differs from the sample before."""
        return bits_of(self.flips)

    @cached_property
    def numbers(self) -> Tensor:
        """[R, 7, P]: level; step modulo 65536; plain step; roll-over (-1, 0, 1); unit step (-1, 0, 1); valid; known.

        Steps are on a log scale, since a step of 1 matters as much as one of 1000.
        """
        modular = (self.change + _MODULUS // 2).remainder(_MODULUS) - _MODULUS // 2
        number = [
            self.word / (_MODULUS - 1),
            _log_step(modular),
            _log_step(self.change),
            (modular - self.change) / _MODULUS,
            torch.where(modular.abs() == 1, modular, 0),
            self.valid,
            self.known,
        ]
        return torch.stack([n.to(torch.float32) for n in number], dim=1)

    @cached_property
    def bit_statistics(self) -> Tensor:
        """Share of ones, toggle rate and rate of toggling together with the bit below: [R, 3, 16]."""
        together = torch.zeros_like(self.toggles[:, 0])
        together[:, 1:] = (self.toggles[..., 1:] * self.toggles[..., :-1]).mean(1)
        return torch.stack([self.bits.mean(1), self.toggles.mean(1), together], dim=1)

    def summary(self) -> Tensor:
        """Bit statistics, and mean size of the numbers: [R, NUM_SUMMARY]."""
        return torch.cat([self.bit_statistics.flatten(1), self.numbers.abs().mean(2)], dim=1)


@dataclass(frozen=True)
class WordRow:
    """Words as steps of a row: ``patches`` of all steps, ``used`` [R] bool (something valid in it), ``row``."""

    patches: WordPatches
    used: Tensor
    row: Row

    def each(self, view: Callable[[WordPatches], Tensor]) -> Tensor:
        """Apply a function of patches to all of them, some at a time: features are 30 times as large as words.

        Shapes: ``view`` maps R patches to [R, ...]; returns [all R, ...].
        """
        words = self.patches
        size = max(_SAMPLES_AT_ONCE // words.word.shape[1], 1)
        columns = (words.word, words.change, words.flips, words.valid, words.known)
        parts = zip(*(column.split(size) for column in columns), strict=True)
        return torch.cat([view(WordPatches(*part)) for part in parts])


def cut_words(streams: Ragged, patch_samples: int, gap: int) -> WordRow:
    """Cut words into patches.

    Args:
        streams: words as float32, 0 to 65535 (what lies outside is clipped).
        patch_samples: samples per patch.
        gap: empty patches behind each stream.
    """
    patches = patchify(streams, patch_samples, gap)
    word = torch.where(streams.valid, streams.value, 0.0).clamp(0, _MODULUS - 1).to(torch.int32)
    before = word.roll(1)
    known = streams.valid & streams.valid.roll(1)
    known[streams.offset()[:-1][streams.length > 0]] = False
    change = torch.where(known, word - before, 0)
    flips = torch.where(known, word ^ before, 0)
    columns = [patches.spread(column) for column in (word, change, flips, streams.valid, known)]
    return WordRow(WordPatches(*columns), columns[3].any(1), patches.row)


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
