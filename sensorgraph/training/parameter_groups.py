"""Which weights learn at which rate."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from torch import nn

from sensorgraph.training.settings import RateFactors
from sensorgraph.typing import MODALITIES

_OF_ONE_MODALITY = ("encoders", "summaries", "decoders")


def parameter_groups(
    named: Iterable[tuple[str, nn.Parameter]], learning_rate: float, factors: RateFactors
) -> list[dict[str, Any]]:
    """Groups for an optimizer: one for each modality whose factor is not 1, and one for everything else.

    A weight belongs to a modality if it lies in its encoder, its decoder or what takes in its summaries. Frozen weights
    are in no group. The order of groups and of weights in them follows from the names alone, so that a checkpoint finds
    its weights again.

    Example:
        >>> network = nn.ModuleDict({"encoders": nn.ModuleDict({"audio": nn.Linear(2, 1)}), "fusion": nn.Linear(1, 1)})
        >>> groups = parameter_groups(network.named_parameters(), 1e-2, RateFactors(audio=0.5))
        >>> [(group["lr"], len(group["params"])) for group in groups]
        [(0.01, 2), (0.005, 2)]
    """
    rest: list[nn.Parameter] = []
    own: dict[str, list[nn.Parameter]] = {modality: [] for modality in MODALITIES}
    for name, weight in named:
        if weight.requires_grad:
            modality = _modality_of(name)
            slow = modality is not None and getattr(factors, modality) != 1
            (own[modality] if slow and modality is not None else rest).append(weight)
    groups = [{"params": rest, "lr": learning_rate}]
    groups += [{"params": own[m], "lr": learning_rate * getattr(factors, m)} for m in MODALITIES if own[m]]
    return [group for group in groups if group["params"]]


def _modality_of(name: str) -> str | None:
    """The modality that a weight of the network belongs to by its name, as in ``model.encoders.audio.stem.weight``."""
    parts = name.split(".")
    for part, following in pairwise(parts):
        if part in _OF_ONE_MODALITY and following in MODALITIES:
            return following
    return None
