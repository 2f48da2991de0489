"""What streams say of shared factors, made once per batch however often something else is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Speakers:
    """The known streams of one modality in a batch, and the linear model of each.

    Attributes:
        node: [n] int64 node numbers.
        scene: [n] int64, their scenes.
        loading: [n, F, K], noise: [n, F], centre: [n, F], all float64.
    """

    node: Tensor
    scene: Tensor
    loading: Tensor
    noise: Tensor
    centre: Tensor

    def among(self, chosen: Tensor) -> Speakers:
        """The streams whose node is chosen, by a mask over all nodes [N] bool."""
        kept = chosen[self.node]
        return Speakers(self.node[kept], self.scene[kept], self.loading[kept], self.noise[kept], self.centre[kept])

    def pull(self, value: Tensor, observed: Tensor) -> Tensor:
        """The direction in which values (from the centre) pull the factors: [n, L, F] to [n, L, K]."""
        return (value * observed / self.noise[:, None]) @ self.loading

    def sureness(self, observed: Tensor) -> Tensor:
        """How surely a stream speaks of the factors in one bin each: [n, F] bool to [n, K, K]."""
        trusted = self.loading * (observed / self.noise)[..., None]
        return trusted.transpose(1, 2) @ self.loading


@dataclass(frozen=True)
class Messages:
    """What every known stream of a batch can say, whether it will be heard or not.

    How surely a stream speaks depends on which of its features are observed, which seldom changes from bin to bin:
    so a matrix is kept per *run* of bins alike, not per bin.

    Attributes:
        speakers: modality to its known streams; rows below follow them, modality after modality.
        scene: [M] int64.
        pull: [M, L, K] float64.
        run: [M, L] int64, which of the runs a bin belongs to.
        sureness: [R, K, K] float64, of each run.
    """

    speakers: dict[str, Speakers]
    scene: Tensor
    pull: Tensor
    run: Tensor
    sureness: Tensor

    @classmethod
    def of(
        cls, speakers: Mapping[str, Speakers], summary: Mapping[str, Tensor], observed: Mapping[str, Tensor]
    ) -> Messages:
        """From the summaries of all nodes.

        Shapes: ``summary[m]`` [N, L, F] float32, ``observed[m]`` [N, L, F] bool.
        """
        pulls, runs, surenesses = [], [], []
        num_runs = 0
        for modality, known in speakers.items():
            seen, value = observed[modality][known.node], summary[modality][known.node].double()
            pulls.append(known.pull(value - known.centre[:, None], seen))
            begins = torch.ones(seen.shape[:2], dtype=torch.bool, device=seen.device)
            begins[:, 1:] = (seen[:, 1:] != seen[:, :-1]).any(-1)
            runs.append(begins.flatten().cumsum(0).view(begins.shape) - 1 + num_runs)
            owner, first = begins.nonzero(as_tuple=True)
            every = Speakers(
                known.node[owner], known.scene[owner], known.loading[owner], known.noise[owner], known.centre[owner]
            )
            surenesses.append(every.sureness(seen[owner, first]))
            num_runs += len(owner)
        scene = torch.cat([known.scene for known in speakers.values()])
        return cls(dict(speakers), scene, torch.cat(pulls), torch.cat(runs), torch.cat(surenesses))

    def rows_of(self, modality: str) -> slice:
        """Where the streams of a modality stand."""
        begin = 0
        for name, known in self.speakers.items():
            if name == modality:
                return slice(begin, begin + len(known.node))
            begin += len(known.node)
        raise KeyError(modality)

    def of_modality(self, modality: str) -> Messages:
        """What the streams of one modality say, as if there were no others."""
        rows = self.rows_of(modality)
        speakers = {modality: self.speakers[modality]}
        return Messages(speakers, self.scene[rows], self.pull[rows], self.run[rows], self.sureness)

    def heard(self, audible: Tensor, num_scenes: int) -> Heard:
        """What the audible streams say together, per scene and bin.

        Bins in which the same streams speak equally surely share one matrix. Scene by scene, so that no scene's
        rounding depends on the others of its batch.

        Shapes: ``audible`` [M, L] bool.
        """
        num_bins, size = self.pull.shape[1:]
        evidence = self.pull.new_zeros(num_scenes, num_bins, size)
        evidence.index_add_(0, self.scene, self.pull * audible[..., None])
        itself = torch.eye(size, dtype=self.pull.dtype, device=self.pull.device)
        precision, pattern, num_patterns = [], [], [0]
        for number in range(num_scenes):
            member = (self.scene == number).nonzero()[:, 0]
            # The first column is nobody's, so that a scene without speakers has a pattern, too.
            speaking = nn.functional.pad(torch.where(audible[member], self.run[member], -1).T, (1, 0), value=-1)
            distinct, which = torch.unique(speaking, dim=0, return_inverse=True)
            total = itself.repeat(len(distinct), 1, 1)
            for row, runs in enumerate(distinct):
                total[row] += self.sureness[runs[runs >= 0]].sum(0)
            precision.append(total)
            pattern.append(which + num_patterns[-1])
            num_patterns.append(num_patterns[-1] + len(distinct))
        return Heard(torch.cat(precision), torch.stack(pattern), evidence, tuple(num_patterns))


@dataclass(frozen=True)
class Heard:
    """What the audible streams of a batch say of the factors.

    Attributes:
        precision: [U, K, K] float64, of each pattern of speakers.
        pattern: [S, L] int64, the pattern of each bin.
        evidence: [S, L, K] float64.
        begin: patterns of scene ``s`` are ``begin[s]`` to ``begin[s + 1]``.
    """

    precision: Tensor
    pattern: Tensor
    evidence: Tensor
    begin: tuple[int, ...]

    def spread(self, covariance: Tensor, known: Speakers) -> Tensor:
        r"""Variance :math:`\mathrm{diag}(W C W^\top)` that the factors leave open in each stream: [n, L, F].

        Shapes: ``covariance`` [U, K, K].
        """
        num_bins = self.pattern.shape[1]
        out = known.loading.new_zeros(len(known.node), num_bins, known.loading.shape[1])
        for scene, (begin, end) in enumerate(pairwise(self.begin)):
            member = (known.scene == scene).nonzero()[:, 0]
            if not len(member):
                continue
            loading = known.loading[member]
            by_pattern = ((loading[None] @ covariance[begin:end, None]) * loading).sum(-1)  # [u, n, F]
            out[member] = by_pattern[self.pattern[scene] - begin].transpose(0, 1)
        return out
