"""Reconstruction of hidden spans of streams, as summary features per bin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.errors import ConfigError
from sensorgraph.losses.means import connected_zero, mean_of_groups
from sensorgraph.losses.shapes import same_shape, spread


@dataclass(frozen=True)
class Reconstructed:
    """What a decoder said about the streams of one modality, and what was true.

    Attributes:
        mean: [N, L, F] expected summary features.
        log_variance: [N, L, F] logarithm of the variance that the decoder expects around the mean.
        target: [N, L, F] true summary features.
        observed: [N, L] or [N, L, F] bool, True where the target is known.
        hidden: [N, L] or [N, L, F] bool, True where the target was hidden from the model.
    """

    mean: Tensor
    log_variance: Tensor
    target: Tensor
    observed: Tensor
    hidden: Tensor


@final
class MaskedSpan(nn.Module):
    r"""How unexpected the hidden truth is, averaged so that nobody dominates by size.

    Features, then bins, then streams, then modalities are averaged: a picture with 200 features and a temperature
    with 4 pull equally at the shared layers. Only elements that are observed *and* hidden count; all others get a
    gradient of exactly 0. With residual :math:`r = x - \mu` and :math:`v = e^{s} + \sigma_{min}^2`:

    .. math:: \ell_{gaussian} = \tfrac{1}{2} \bigl(\log v + r^2 / v\bigr) \qquad
        \ell_{smooth\_l1} = \begin{cases} r^2/2 & |r| < 1 \\ |r| - 1/2 & \text{else} \end{cases}

    The Gaussian form (without its constant) learns how surprising a residual is, which the scores need. Its floor is
    added inside the logarithm instead of clamping :math:`s`, so that an over-confident decoder keeps a gradient that
    leads out. Its weakness is that it soon gives up what is hard at first, by expecting noise there; ``beta`` weighs
    each element by :math:`v^\beta` (without gradient): 0 is the likelihood, 1 behaves like a squared error.

    Args:
        likelihood: ``gaussian`` or ``smooth_l1`` (which ignores ``log_variance``).
        beta: see above, in 0..1.
        min_sigma: :math:`\sigma_{min}`, smallest standard deviation that may be claimed, in units of the features.

    Raises:
        ConfigError: an argument is out of its range.

    Example:
        >>> import torch
        >>> seen = torch.ones(2, 3, dtype=torch.bool)
        >>> part = Reconstructed(torch.zeros(2, 3, 4), torch.zeros(2, 3, 4), torch.ones(2, 3, 4), seen, seen)
        >>> round(MaskedSpan(min_sigma=1e-6)({"sensor": part}).item(), 4)  # residual 1, variance 1
        0.5

    Reference:
        Nix and Weigend, "Estimating the mean and variance of the target probability distribution", 1994;
        Seitzer et al., "On the Pitfalls of Heteroscedastic Uncertainty Estimation with Probabilistic Neural
        Networks", 2022 (``beta``); Girshick, "Fast R-CNN", 2015 (smooth L1).
    """

    def __init__(
        self,
        likelihood: Literal["gaussian", "smooth_l1"] = "gaussian",
        beta: float = 0.0,
        min_sigma: float = 0.01,
    ) -> None:
        super().__init__()
        if likelihood not in ("gaussian", "smooth_l1"):
            raise ConfigError(f"masked_span.likelihood: must be gaussian or smooth_l1 (got '{likelihood}')")
        if not 0 <= beta <= 1:
            raise ConfigError(f"masked_span.beta: must lie between 0 and 1 (got {beta})")
        if not min_sigma > 0:
            raise ConfigError(f"masked_span.min_sigma: must be greater than 0 (got {min_sigma})")
        self.likelihood = likelihood
        self.beta = beta
        self.min_sigma = min_sigma

    def forward(self, parts: Mapping[str, Reconstructed]) -> Tensor:
        """Mean over the modalities that have a hidden and observed element; a connected zero where none has.

        Args:
            parts: modality to its reconstruction.

        Shapes: returns a scalar.

        Raises:
            ConfigError: ``parts`` is empty, so that there is nothing to connect a loss to.
            DataError: shapes do not fit.
        """
        if not parts:
            raise ConfigError("losses.masked_span: no modality was reconstructed; give at least one")
        losses = [self.of_modality(part) for part in parts.values() if bool(_counted(part).any())]
        if not losses:
            return connected_zero(*(part.mean for part in parts.values()))
        # The others join as zeros, so that their decoders get a gradient (of 0) on every rank.
        return torch.stack(losses).mean() + connected_zero(*(part.mean for part in parts.values()))

    def of_modality(self, part: Reconstructed) -> Tensor:
        """Mean over the streams of one modality, each counting once."""
        counted = _counted(part)
        mean, target = part.mean[counted].float(), part.target[counted].float()
        if self.likelihood == "smooth_l1":
            loss = F.smooth_l1_loss(mean, target, reduction="none")
        else:
            log_variance = part.log_variance[counted].float()
            # log(exp(s) + floor), without ever forming exp(s).
            log_variance = torch.logaddexp(log_variance, log_variance.new_tensor(2 * math.log(self.min_sigma)))
            loss = 0.5 * (log_variance + (target - mean).square() * torch.exp(-log_variance))
            if self.beta:
                loss = loss * torch.exp(self.beta * log_variance.detach())
        stream, step, _ = counted.nonzero(as_tuple=True)
        # A bin with one known feature weighs as much as one with all: first the mean within the bin, then over bins.
        num_streams, num_bins, _ = part.mean.shape
        place = stream * num_bins + step
        per_bin = torch.bincount(place, minlength=num_streams * num_bins)
        total = loss.new_zeros(num_streams * num_bins).index_add(0, place, loss)
        filled = per_bin.nonzero()[:, 0]
        return mean_of_groups(total[filled] / per_bin[filled], filled // max(num_bins, 1), num_streams)


def _counted(part: Reconstructed) -> Tensor:
    """True where the truth is both known and hidden, [N, L, F]."""
    place = "losses.masked_span"
    same_shape(place, mean=part.mean, log_variance=part.log_variance, target=part.target)
    return spread(place, part.observed, part.mean) & spread(place, part.hidden, part.mean)
