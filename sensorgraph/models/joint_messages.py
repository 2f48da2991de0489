"""What several modalities tell another only together, where any two of them have nothing to say to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from sensorgraph.errors import DataError

_LEAST_SPREAD = 1e-6
_LEAST_SHARE = 0.05
_REACHES = (0.15, 0.25, 0.4, 0.7, 1.2)
_RIDGES = (0.01, 0.1, 0.5)
_MOST_SCENES = 1500


@dataclass(frozen=True)
class _Gist:
    """What lasts in a modality's scenes, in a few coordinates of about unit size together: ``kept`` [P] bool,
    ``centre`` and ``weight`` [P'], ``direction`` [P', k]."""

    kept: Tensor
    centre: Tensor
    weight: Tensor
    direction: Tensor

    @classmethod
    def of(cls, rows: Tensor) -> _Gist:
        """From scenes [S, L, P]. A feature counts as much as it is the same in both halves of a scene: noise is not."""
        mean = rows.mean(1)
        kept = mean.amax(0) - mean.amin(0) > _LEAST_SPREAD
        if not bool(kept.any()):
            raise DataError("joint messages: a modality never changes; leave it out (got features of one value)")
        centre, spread = mean.mean(0)[kept], mean.std(0)[kept]
        half = rows.shape[1] // 2
        first, second = ((part.mean(1)[:, kept] - centre) / spread for part in (rows[:, :half], rows[:, half:]))
        lasting = (first * second).sum(0) / (first.norm(dim=0) * second.norm(dim=0)).clamp(min=_LEAST_SPREAD)
        weight = lasting.clamp(min=0.0) / spread
        _, size, direction = torch.linalg.svd((mean[:, kept] - centre) * weight, full_matrices=False)
        energy = size.square()
        strong = energy > _LEAST_SHARE * energy[0]
        scale = (energy[strong].sum() / len(rows)).sqrt().clamp(min=_LEAST_SPREAD)
        return cls(kept, centre, weight, direction[strong].T / scale)

    def __call__(self, rows: Tensor) -> Tensor:
        return ((rows.mean(1)[:, self.kept] - self.centre) * self.weight) @ self.direction


@dataclass(frozen=True)
class _Teller:
    """How the others tell a modality: their training scenes [S, d], ``answer`` [S, k], ``reach``, and the mean squared
    error on scenes that were left out, beside ``r2``."""

    others: Tensor
    answer: Tensor
    reach: float
    error: float
    r2: float


@dataclass(frozen=True)
class JointMessages:
    r"""Every modality of a scene, told by all others through a kernel, in closed form.

    Linear factors and sums of pairwise messages cannot tell :math:`c = (a + b) \bmod 1`, in which :math:`c` is
    independent of :math:`a` and of :math:`b`; and a gradient finds nothing to follow at first, for the same reason. A
    kernel on the joint place of the others needs neither: with the gist :math:`u_m` of each modality,

    .. math:: \hat u_m = k(u_{-m}, U_{-m}) (K + \lambda I)^{-1} U_m, \qquad
        k(u, v) = \exp(-\lVert u - v \rVert^2 / 2 \ell^2)

    and reach :math:`\ell` and ridge :math:`\lambda` those with the smallest error on training scenes that are left out
    one by one, which has a closed form, too. A gist holds what is the same in both halves of a scene, as the rest is
    noise that would drown a kernel. It is fitted to whole scenes of streams that are always there.

    Attributes:
        gists: modality to its gist.
        tellers: modality to how the others tell it.

    Example:
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> graphs = tiny_run().graphs()
        >>> told = JointMessages.fit(graphs, ["sensor", "image", "audio"])
        >>> told.surprise(graphs)["audio"].shape
        torch.Size([6])

    Reference: Saunders, Gammerman and Vovk, "Ridge regression learning algorithm in dual variables" (1998).
    """

    gists: dict[str, _Gist]
    tellers: dict[str, _Teller]

    @classmethod
    def fit(cls, graphs: Sequence[HeteroData], modalities: Sequence[str]) -> JointMessages:
        """Learn from normal scenes; of more than 1,500 an even share is taken.

        Raises:
            DataError: fewer than two modalities, or a modality whose streams differ in number from scene to scene.
        """
        if len(modalities) < 2:
            raise DataError(f"joint messages: at least two modalities are needed (got {len(modalities)})")
        graphs = list(graphs)[:: -(-len(graphs) // _MOST_SCENES)]
        rows = {modality: _rows(graphs, modality) for modality in modalities}
        gists = {modality: _Gist.of(found) for modality, found in rows.items()}
        place = {modality: gists[modality](found) for modality, found in rows.items()}
        return cls(gists, {modality: _teller(place, modality) for modality in modalities})

    @property
    def r2(self) -> dict[str, float]:
        """Share of each modality's gist that the others tell, in training scenes that were left out one by one."""
        return {modality: teller.r2 for modality, teller in self.tellers.items()}

    def surprise(self, graphs: Sequence[HeteroData]) -> dict[str, Tensor]:
        """How far each modality is from what the others tell, [S] float64; 1 is usual."""
        place = {modality: gist(_rows(graphs, modality)) for modality, gist in self.gists.items()}
        out = {}
        for modality, teller in self.tellers.items():
            kernel = _kernel(_others(place, modality), teller.others, teller.reach)
            out[modality] = (place[modality] - kernel @ teller.answer).square().sum(1) / teller.error
        return out


def _rows(graphs: Sequence[HeteroData], modality: str) -> Tensor:
    """Summaries of all streams of a modality side by side, in the order of their channels: [S, L, P] float64."""
    rows = []
    for graph in graphs:
        store = graph[modality]
        order = torch.argsort(store.channel, stable=True)
        rows.append((store.summary * store.observed)[order].transpose(0, 1).flatten(1).double())
    if len({row.shape for row in rows}) > 1:
        raise DataError(f"joint messages: scenes differ in their streams of modality '{modality}'; keep those with all")
    return torch.stack(rows)


def _others(place: dict[str, Tensor], modality: str) -> Tensor:
    return torch.cat([found for name, found in place.items() if name != modality], dim=1)


def _teller(place: dict[str, Tensor], modality: str) -> _Teller:
    others, truth = _others(place, modality), place[modality]
    total = max(float(truth.square().sum(1).mean()), _LEAST_SPREAD)
    found: list[_Teller] = []
    for reach in _REACHES:
        size, direction = torch.linalg.eigh(_kernel(others, others, reach))
        for ridge in _RIDGES:
            inverse = (direction / (size.clamp(min=0.0) + ridge)) @ direction.T
            answer = inverse @ truth
            left_out = answer / inverse.diagonal()[:, None]
            error = float(left_out.square().sum(1).mean())
            found.append(_Teller(others, answer, reach, error, 1 - error / total))
    return min(found, key=lambda teller: teller.error)


def _kernel(one: Tensor, other: Tensor, reach: float) -> Tensor:
    return torch.exp(-torch.cdist(one, other).square() / (2 * reach**2))
