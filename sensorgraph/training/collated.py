"""Batches that are put together once and used for several epochs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch_geometric.data import Batch, HeteroData

EPOCHS_PER_DEAL = 4
"""Epochs after which scenes are dealt to batches anew."""


class CollatedLoader:
    """Shuffled batches of graphs that are in memory, for networks so small that putting batches together costs most.

    Scenes are dealt to batches at random; the batches come in another order in every epoch, and every few epochs scenes
    are dealt anew. Random numbers are those of torch's global generator, so a seed fixes all of it.

    Args:
        graphs: all scenes.
        batch_size: scenes per batch; the last one of a deal holds what is left.
        shuffled: False keeps the order, for scenes to judge by.
        epochs_per_deal: epochs after which scenes are dealt anew.

    Example:
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> loader = CollatedLoader(tiny_run(seeds=[0]).graphs(), batch_size=2)
        >>> len(loader), [len(batch.scene_id) for batch in loader]
        (1, [2])
    """

    def __init__(
        self,
        graphs: Sequence[HeteroData],
        batch_size: int,
        shuffled: bool = True,
        epochs_per_deal: int = EPOCHS_PER_DEAL,
    ) -> None:
        self.graphs = list(graphs)
        self.batch_size = batch_size
        self.shuffled = shuffled
        self.epochs_per_deal = epochs_per_deal
        self.epoch = 0
        self.batches: list[Batch] = []

    def __len__(self) -> int:
        return -(-len(self.graphs) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        if not self.batches or (self.shuffled and self.epoch % self.epochs_per_deal == 0):
            order = self._order(len(self.graphs))
            hands = [order[begin : begin + self.batch_size] for begin in range(0, len(order), self.batch_size)]
            self.batches = [Batch.from_data_list([self.graphs[place] for place in hand]) for hand in hands]
        self.epoch += 1
        for place in self._order(len(self.batches)):
            yield self.batches[place]

    def _order(self, num: int) -> list[int]:
        return torch.randperm(num).tolist() if self.shuffled else list(range(num))
