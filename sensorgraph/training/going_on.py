"""A loader that goes on drawing where an interrupted run was about to draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Protocol

import torch
from torch import Tensor
from torch_geometric.data import HeteroData


class Loader(Sized, Iterable[HeteroData], Protocol):
    """Batches, and how many."""


class GoingOn:
    """Sets torch's global generator to a kept state when the first batch is asked for, and hands on the batches.

    Not sooner: Lightning looks at all loaders before it begins, which draws numbers too.

    Args:
        loader: of an epoch.
        state: of the generator.

    Example:
        >>> state = torch.get_rng_state()
        >>> wanted = torch.rand(1)
        >>> loader = GoingOn([], state)
        >>> list(loader), bool(torch.rand(1) == wanted)
        ([], True)
    """

    def __init__(self, loader: Loader, state: Tensor) -> None:
        self.loader = loader
        self.state: Tensor | None = state

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[HeteroData]:
        if self.state is not None:
            torch.set_rng_state(self.state)
            self.state = None
        yield from self.loader
