"""The one number that is minimised, and every term that went into it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn

from sensorgraph.errors import ConfigError, NonFiniteLossError, UnknownNameError


@dataclass(frozen=True)
class LossSum:
    """A weighted sum and its parts.

    Attributes:
        total: scalar to call ``backward`` on.
        raw: each term as it came, detached, for the log.
        weighted: each term times its weight, detached; they add up to ``total``.
    """

    total: Tensor
    raw: Mapping[str, Tensor]
    weighted: Mapping[str, Tensor]

    def scalars(self, prefix: str) -> dict[str, Tensor]:
        """All numbers under names for a log: ``prefix/total``, ``prefix/raw/<term>``, ``prefix/weighted/<term>``."""
        named = {f"{prefix}/total": self.total.detach()}
        named.update({f"{prefix}/raw/{name}": value for name, value in self.raw.items()})
        named.update({f"{prefix}/weighted/{name}": value for name, value in self.weighted.items()})
        return named


@final
class WeightedSum(nn.Module):
    r"""Sum of named terms, :math:`\mathcal{L} = \sum_i w_i \mathcal{L}_i`.

    Terms and weights must name the same things: a misspelt weight would otherwise train without its term, and nobody
    would notice. A term of weight 0 is logged and adds nothing.

    Args:
        weights: name of each term to its weight, at least 0 and finite.

    Raises:
        ConfigError: no weights, or impossible ones (all are listed).

    Example:
        >>> import torch
        >>> losses = WeightedSum({"contrast": 1.0, "reconstruction": 0.5})
        >>> answer = losses({"contrast": torch.tensor(2.0), "reconstruction": torch.tensor(4.0)})
        >>> answer.total.item(), answer.weighted["reconstruction"].item()
        (4.0, 2.0)

    Reference:
        Caruana, "Multitask Learning", 1997.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__()
        if not weights:
            raise ConfigError("losses: no term has a weight; name at least one")
        wrong = [
            f"losses.{name}: weight must be a finite number of at least 0 (got {weight})"
            for name, weight in weights.items()
            if isinstance(weight, bool) or not (math.isfinite(weight) and weight >= 0)
        ]
        if wrong:
            raise ConfigError(wrong)
        self.weights = {name: float(weight) for name, weight in weights.items()}

    def forward(self, terms: Mapping[str, Tensor], scene_ids: Sequence[str] = ()) -> LossSum:
        """The weighted sum of one batch.

        Args:
            terms: name to scalar; exactly the names that have weights.
            scene_ids: scenes of the batch, named in the error if a term is not finite.

        Raises:
            UnknownNameError: a term has no weight, or a weight has no term.
            NonFiniteLossError: a term is NaN or infinite.
        """
        self._check_names(terms)
        raw = torch.stack([terms[name].float().reshape(()) for name in self.weights])
        self._check_finite(raw.detach(), scene_ids)
        weighted = {name: value * weight for value, (name, weight) in zip(raw, self.weights.items(), strict=True)}
        return LossSum(
            total=torch.stack(list(weighted.values())).sum(),
            raw=dict(zip(self.weights, raw.detach(), strict=True)),
            weighted={name: value.detach() for name, value in weighted.items()},
        )

    def _check_names(self, terms: Mapping[str, Tensor]) -> None:
        problems = []
        for name in terms:
            if name not in self.weights:
                near = difflib.get_close_matches(name, self.weights, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(self.weights))}"
                problems.append(f"losses: term '{name}' has no weight; {hint}")
        for name in self.weights:
            if name not in terms:
                computed = ", ".join(sorted(terms)) or "nothing"
                problems.append(f"losses.{name}: nothing computes this term; remove its weight (computed: {computed})")
        if problems:
            raise UnknownNameError("\n".join(problems))

    def _check_finite(self, raw: Tensor, scene_ids: Sequence[str]) -> None:
        # One look at all terms together: on a GPU every look waits for the device.
        if bool(torch.isfinite(raw).all()):
            return
        bad = [
            f"'{name}' ({value:g})"
            for name, value in zip(self.weights, raw.tolist(), strict=True)
            if not math.isfinite(value)
        ]
        scenes = ", ".join(scene_ids) or "unknown"
        raise NonFiniteLossError(
            f"losses: {', '.join(bad)} not finite; look at the data of the batch, or lower the learning rate "
            f"(scenes: {scenes})"
        )
