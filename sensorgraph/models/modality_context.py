"""Does a modality belong to the rest of its scene? Asked of each, with all of its streams left out together."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from sensorgraph.models.factor_messages import Messages


def out_of_context(messages: Messages, present: Mapping[str, Tensor], num_scenes: int) -> dict[str, Tensor]:
    r"""Logarithm of the odds that a modality has nothing to do with the others, bin by bin.

    A stream of one modality that was exchanged is contradicted by all the others, and each of them by it; a single
    residual cannot say who is wrong, and two cameras vouch for each other. So the whole modality is left out, and the
    rest of the scene says how likely it is, against how likely it is by itself:

    .. math:: o_m = \log p(x_m) - \log p(x_m \mid x_{-m})
        = \phi(m) + \phi(-m) - \phi(m, -m), \qquad \phi(A) = \log \frac{p(x_A)}{p(x_A \mid z = 0)}

    It equals what the inconsistency of the scene (its total correlation, with the sign turned) falls by when the
    modality is taken away: others are wrong only because of it, and that is explained away. If one modality was
    exchanged and any may have been it, the largest is the most likely one; above 0, it more likely was than not, but
    for how often that happens. With the factors of `SharedFactors` and :math:`h_A, J_A` the pull and sureness of the
    present streams of :math:`A`,

    .. math:: \phi(A) = \tfrac12 h_A^\top (I + J_A)^{-1} h_A - \tfrac12 \log\det (I + J_A).

    Args:
        messages: what the known streams of the batch say.
        present: where they have something to say.
        num_scenes: of the batch.

    Shapes: ``present[m]`` [N, L] bool; returns, for every modality with a known stream, [S, L] float64 (nats). It is 0
        where nobody of the modality speaks, or nobody else does.

    Reference: after Church and Hanks, "Word association norms, mutual information, and lexicography" (1990), for the
        pointwise mutual information.
    """
    audible = {m: present[m][known.node] for m, known in messages.speakers.items()}
    alone = {m: messages.of_modality(m).heard(audible[m], num_scenes) for m in messages.speakers}
    size = messages.pull.shape[-1]
    itself = torch.eye(size, dtype=messages.pull.dtype, device=messages.pull.device)
    pull = {m: heard.evidence for m, heard in alone.items()}
    # Precisions start from the prior, which counts once for whoever is heard together.
    sureness = {m: (heard.precision - itself)[heard.pattern] for m, heard in alone.items()}
    all_pull, all_sureness = (torch.stack(list(part.values())).sum(0) for part in (pull, sureness))
    together = _support(all_pull, itself + all_sureness)
    out = {}
    for modality in alone:
        rest = _support(all_pull - pull[modality], itself + all_sureness - sureness[modality])
        out[modality] = _support(pull[modality], itself + sureness[modality]) + rest - together
    return out


def _support(pull: Tensor, precision: Tensor) -> Tensor:
    """How much likelier what is heard is through the factors than without them: [..., K] and [..., K, K] to [...]."""
    root = torch.linalg.cholesky(precision)
    solved = torch.linalg.solve_triangular(root, pull[..., None], upper=False)[..., 0]
    return 0.5 * solved.square().sum(-1) - root.diagonal(dim1=-2, dim2=-1).log().sum(-1)
