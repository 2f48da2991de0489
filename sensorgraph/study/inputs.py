"""What a network sees of a set of scenes: one row of summaries per scene, modality and bin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Inputs:
    """Scenes as networks see them; nothing is changed in place.

    Attributes:
        value: modality to [S, L, F] float32, normalised, with flags of what is observed; zeros in absent bins.
        present: modality to [S, L] bool, bins in which anything of it is observed.
        has: modality to [S] bool, scenes that have it; elsewhere it has no node, whatever ``value`` holds.
    """

    value: Mapping[str, Tensor]
    present: Mapping[str, Tensor]
    has: Mapping[str, Tensor]

    @classmethod
    def of(cls, value: Mapping[str, Tensor], present: Mapping[str, Tensor]) -> Inputs:
        """Scenes that have every modality.

        Example:
            >>> given = Inputs.of({"text": torch.ones(2, 3, 4)}, {"text": torch.ones(2, 3, dtype=torch.bool)})
            >>> given.num_scenes, given.rows(torch.tensor([1])).num_scenes
            (2, 1)
        """
        has = {modality: torch.ones(len(part), dtype=torch.bool) for modality, part in value.items()}
        return cls(value, present, has)

    @property
    def num_scenes(self) -> int:
        """Scenes ``S``."""
        return len(next(iter(self.has.values())))

    def rows(self, chosen: Tensor) -> Inputs:
        """Some of the scenes: ``chosen`` [n] int64."""
        return Inputs(
            *({m: part[chosen] for m, part in parts.items()} for parts in (self.value, self.present, self.has))
        )

    def keep(self, modalities: Sequence[str]) -> Inputs:
        """The same scenes with some modalities alone; the others are absent, which is not zero."""
        return Inputs(*({m: parts[m] for m in modalities} for parts in (self.value, self.present, self.has)))

    def replaced(self, modality: str, value: Tensor, present: Tensor) -> Inputs:
        """Another look at one modality."""
        return Inputs({**self.value, modality: value}, {**self.present, modality: present}, self.has)

    def permuted(self, modality: str, order: Tensor) -> Inputs:
        """One modality of each scene comes from another: ``order`` [S] is a permutation."""
        return self.replaced(modality, self.value[modality][order], self.present[modality][order])

    def shortened(self, modality: str, num_bins: int) -> Inputs:
        """One modality is there in the first bins alone."""
        early = torch.arange(self.present[modality].shape[1]) < num_bins
        return self.replaced(modality, self.value[modality] * early[:, None], self.present[modality] & early)

    def lacking(self, missing: Mapping[str, Tensor]) -> Inputs:
        """Modalities are absent from some scenes: modality to [S] bool."""
        has = {m: part & ~missing[m] if m in missing else part for m, part in self.has.items()}
        return Inputs(self.value, self.present, has)
