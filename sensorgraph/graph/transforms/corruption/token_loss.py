"""Log text that arrives with holes."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.text import NUM_SUMMARY_WORDS
from sensorgraph.graph.transforms.corruption.base import Amounts, Corruption
from sensorgraph.graph.transforms.draw import uniform

_UNKNOWN_TOKEN = 0


class TokenLoss(Corruption):
    """Tokens become unknown, and words and numbers of the summary unseen; the level is the probability of each.

    A token is a piece of a word, and the summary is made of words, which cannot be put together from pieces again. So
    both are drawn apart, with the same probability: a word that was found is not found any more, and a number is not
    observed.
    """

    amounts: ClassVar[Amounts] = {"text": (0.1, 0.25, 0.5, 0.75, 0.95)}

    def damage(self, store: NodeStorage, amount: float, generator: torch.Generator) -> None:
        """See `Corruption.damage`."""
        luck = uniform(len(store["value"]), like=store["value"], generator=generator)
        store["value"] = store["value"].masked_fill(luck < amount, _UNKNOWN_TOKEN)
        lost = uniform(*store["summary"].shape, like=store["summary"], generator=generator) < amount
        is_number = torch.zeros(lost.shape[-1], dtype=torch.bool)
        is_number[NUM_SUMMARY_WORDS:] = True
        store["summary"] = store["summary"].masked_fill(lost, 0)
        store["observed"] = store["observed"] & ~(lost & is_number)
