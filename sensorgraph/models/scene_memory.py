"""Remembered normal bins: do the modalities of a scene belong together, however bent the relation between them is?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from sensorgraph.graph.schema import SCENE, GraphSchema
from sensorgraph.models.gist import NUM_COORDINATES, fit_gist
from sensorgraph.models.known_channels import known_rows, spread_out
from sensorgraph.typing import MODALITIES

_LEAST_HEARD = 0.5
"""Of what a modality goes by (the energy of its loading): with less observed, it says nothing."""

_REACHES = (0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2)
_DEGREES = 3.0
"""Of freedom of the kernel (nu): few, for heavy tails."""

_NUM_JUDGED = 800
"""Bins on which reaches are judged; their choice is from eight, and needs no more."""

_SCENES_AT_ONCE = 32

_NOBODY = -1e30
"""Log kernel of a remembered bin that does not count; finite, so that a sum without any is no NaN."""


@dataclass(frozen=True)
class Remembered:
    """What is remembered of normal operation says of the bins of a batch.

    Attributes:
        against: modality to [S, L] float64 (nats), how much the others speak against it; NaN where the modality says
            nothing, or nobody else does.
        familiar: modality to [S, L] float64 (nats), log density of where it is among where it was, taken alone, without
            constants: it compares bins of one modality; NaN where the modality says nothing.
    """

    against: dict[str, Tensor]
    familiar: dict[str, Tensor]


class SceneMemory(nn.Module):
    r"""How much the rest of a scene speaks against each modality, by comparison with remembered normal bins.

    `SharedFactors` know what modalities tell each other on a straight line. They cannot know :math:`c = (a + b) \bmod
    1`, in which any two of the three are independent, nor a log that names a state in words. A kernel density over
    remembered bins of normal operation knows any relation of which it has seen enough, between any set of modalities.
    With the gist :math:`u_m` of a modality in a bin (`fit_gist`), its remembered places :math:`U_{im}`, and

    .. math:: \hat p(u_A) \propto \sum_i \prod_{m \in A}
        \bigl(1 + \lVert u_m - U_{im} \rVert^2 / \nu \ell_m^2\bigr)^{-(\nu + k) / 2}

    a modality is out of context by its pointwise mutual information with all others, with the sign turned,

    .. math:: o_m = \log \hat p(u_m) + \log \hat p(u_{-m}) - \log \hat p(u_m, u_{-m}),

    as in `out_of_context`. Where the machine runs as it never did, all three densities fall alike, and that goes out:
    far from everything that is remembered, all of it is about as far, and a place that is merely new speaks against
    nobody. That it is new, :math:`\log \hat p(u_m)` tells for each modality by itself. Modalities that are absent leave
    the product, so that any set of them gives an answer, and bins are apart from each other, hence causal.

    The reach :math:`\ell_m` of each modality is the one with which bins of training tell it best from the others, each
    judged by other recordings than its own.

    Args:
        schema: names the known channels; streams that it does not know take no part.
        num_remembered: bins that are kept.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run()
        >>> memory = SceneMemory(run.schema, num_remembered=20)
        >>> memory.fit(run.graphs())
        >>> batch = Batch.from_data_list(run.graphs()[:2])
        >>> present = {m: torch.ones(batch[m].summary.shape[:2], dtype=torch.bool) for m in MODALITIES}
        >>> memory(batch, present).against["audio"].shape
        torch.Size([2, 4])

    Reference: Nadaraya, "On estimating regression" (1964), and Parzen, "On estimation of a probability density function
    and mode" (1962), for the density; Church and Hanks, "Word association norms, mutual information, and lexicography"
    (1990), for the pointwise mutual information.
    """

    def __init__(self, schema: GraphSchema, num_remembered: int) -> None:
        super().__init__()
        self.num_remembered = num_remembered
        for modality in MODALITIES:
            row, num_known = known_rows(schema, modality)
            width = num_known * schema.num_features(modality)
            self.register_buffer(f"row_{modality}", row, persistent=False)
            for name, size in (("centre", (width,)), ("weight", (width,)), ("loading", (width, NUM_COORDINATES))):
                self.register_buffer(f"{name}_{modality}", torch.zeros(size))
            self.register_buffer(f"noise_{modality}", torch.ones(()))
            self.register_buffer(f"reach_{modality}", torch.ones(()))
            self.register_buffer(f"place_{modality}", torch.zeros(num_remembered, NUM_COORDINATES))
            self.register_buffer(f"known_{modality}", torch.zeros(num_remembered, dtype=torch.bool))

    def fit(self, graphs: Iterable[HeteroData]) -> None:
        """Remember bins of normal training graphs, an even share of them; fewer than two modalities leave it empty."""
        value: dict[str, list[Tensor]] = {m: [] for m in MODALITIES}
        seen: dict[str, list[Tensor]] = {m: [] for m in MODALITIES}
        recording: list[str] = []
        for graph in graphs:
            recording.append(str(graph.recording_id))
            for modality in MODALITIES:
                store = graph[modality]
                present = torch.ones(store.summary.shape[:2], dtype=torch.bool)
                side_by_side, observed = spread_out(
                    self, modality, store, present, torch.zeros_like(store.channel), num_scenes=1
                )
                value[modality].append(side_by_side[0].float())
                seen[modality].append(observed[0])
        if not recording:
            return
        place: dict[str, Tensor] = {}
        known: dict[str, Tensor] = {}
        for modality in MODALITIES:
            rows, observed = torch.stack(value.pop(modality)), torch.stack(seen.pop(modality))
            num_bins = rows.shape[1]
            gist = fit_gist(rows, observed)
            if gist is None:
                continue
            for name, part in (("centre", gist.centre), ("weight", gist.weight), ("loading", gist.loading)):
                self.get_buffer(f"{name}_{modality}").copy_(part)
            self.get_buffer(f"noise_{modality}").fill_(gist.noise)
            parts = zip(rows.split(_SCENES_AT_ONCE), observed.split(_SCENES_AT_ONCE), strict=True)
            found = [self._gist(modality, some.double(), held) for some, held in parts]
            place[modality] = torch.cat([where.flatten(0, 1) for where, _ in found])
            known[modality] = torch.cat([heard.flatten() for _, heard in found])
        if len(place) < 2:
            return
        owner = np.unique(recording, return_inverse=True)[1].repeat(num_bins)
        together = torch.stack(list(known.values())).sum(0) >= 2
        kept = together.nonzero()[:, 0]
        kept = kept[torch.linspace(0, len(kept) - 1, min(self.num_remembered, len(kept))).long().unique()]
        for name, where in place.items():
            self.get_buffer(f"place_{name}")[: len(kept)] = where[kept].float()
            self.get_buffer(f"known_{name}")[: len(kept)] = known[name][kept]
        self._choose_reaches(list(place), kept, torch.from_numpy(owner)[kept])

    def forward(self, graph: HeteroData, present: Mapping[str, Tensor]) -> Remembered:
        """How much the others speak against each modality that was remembered, and how familiar it is by itself.

        Args:
            graph: the batch.
            present: modality to [N, L] bool, where streams have something to say.
        """
        num_scenes = graph[SCENE].num_nodes
        place, heard = {}, {}
        for modality in MODALITIES:
            if not bool(self.get_buffer(f"known_{modality}").any()):
                continue
            store = graph[modality]
            value, seen = spread_out(self, modality, store, present[modality], store.batch, num_scenes)
            place[modality], heard[modality] = self._gist(modality, value, seen)
        if not place:
            return Remembered({}, {})
        shape = next(iter(heard.values())).shape
        found = self._compare(
            {m: where.flatten(0, 1) for m, where in place.items()}, {m: one.flatten() for m, one in heard.items()}
        )
        return Remembered(*({m: value.view(shape) for m, value in part.items()} for part in found))

    def _gist(self, modality: str, value: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Gist [S, L, k] of summaries [S, L, P] side by side, and where enough of it was seen [S, L]."""
        centre, weight, loading = (
            self.get_buffer(f"{name}_{modality}").double() for name in ("centre", "weight", "loading")
        )
        held = seen.double()
        pull = ((value - centre) * weight * held) @ loading
        used = loading.square().sum(1)
        heard = (held @ used) >= _LEAST_HEARD * used.sum()
        outer = (loading[:, :, None] * loading[:, None, :]).flatten(1)
        size = NUM_COORDINATES
        noise = self.get_buffer(f"noise_{modality}").double()
        precision = (held @ outer).unflatten(-1, (size, size)) + noise * torch.eye(
            size, dtype=noise.dtype, device=noise.device
        )
        return torch.linalg.solve(precision, pull), heard

    def _log_kernels(self, place: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Modality to [B, R]."""
        return {
            m: _log_kernel(
                torch.cdist(where, self.get_buffer(f"place_{m}").double()).square(),
                float(self.get_buffer(f"reach_{m}")),
            )
            for m, where in place.items()
        }

    def _compare(
        self, place: Mapping[str, Tensor], heard: Mapping[str, Tensor]
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """What `forward` asks for. Shapes: ``place[m]`` [B, k], ``heard[m]`` [B]; returns [B]."""
        names = list(place)
        kernels = self._log_kernels(place)
        speaks = torch.stack([heard[m] for m in names])
        remembered = torch.stack([self.get_buffer(f"known_{m}") for m in names])
        # A remembered bin counts if it has all that is heard now: one sum over the same bins in all three densities.
        counts = (speaks.double().T @ (~remembered).double()) == 0
        number = counts.sum(1).clamp(min=1).double().log()
        own = {m: torch.where(heard[m][:, None], kernels[m], 0.0) for m in names}
        total = torch.where(counts, torch.stack(list(own.values())).sum(0), _NOBODY)
        together = total.logsumexp(1)
        useful = counts.any(1) & (speaks.sum(0) >= 2)
        against, familiar = {}, {}
        for m in names:
            alone = torch.where(counts, own[m], _NOBODY).logsumexp(1)
            rest = torch.where(counts, total - own[m], _NOBODY).logsumexp(1)
            against[m] = torch.where(useful & heard[m], alone + rest - together - number, torch.nan)
            known = self.get_buffer(f"known_{m}")
            by_itself = torch.where(known, kernels[m], _NOBODY).logsumexp(1) - known.sum().clamp(min=1).double().log()
            familiar[m] = torch.where(heard[m], by_itself, torch.nan)
        return against, familiar

    def _choose_reaches(self, names: Sequence[str], kept: Tensor, owner: Tensor) -> None:
        """One modality after the other, twice: with the others' reach as it is, which tells it best?"""
        judged = torch.linspace(0, len(kept) - 1, min(_NUM_JUDGED, len(kept))).long().unique()
        place = {m: self.get_buffer(f"place_{m}").double()[: len(kept)] for m in names}
        known = {m: self.get_buffer(f"known_{m}")[: len(kept)] for m in names}
        others = owner[judged][:, None] != owner[None, :]
        if not bool(others.any()):
            others = ~torch.eye(len(kept), dtype=torch.bool)[judged]
        squares = {m: torch.cdist(place[m][judged], place[m]).square() for m in names}
        kernels = {m: _log_kernel(squares[m], _REACHES[len(_REACHES) // 2]) for m in names}
        for m in names:
            self.get_buffer(f"reach_{m}").fill_(_REACHES[len(_REACHES) // 2])
        for _ in range(2):
            for m in names:
                rest = torch.zeros_like(squares[m])
                for other in names:
                    if other != m:
                        rest += torch.where(known[other][judged][:, None] & known[other][None], kernels[other], 0.0)
                usable = others & known[m][None]
                rows = known[m][judged] & usable.any(1)
                base = torch.where(usable, rest, _NOBODY)[rows]
                found = []
                for reach in _REACHES:
                    own = _log_kernel(squares[m][rows], reach) - NUM_COORDINATES * float(np.log(reach))
                    found.append(float(((base + own).logsumexp(1) - base.logsumexp(1)).mean()))
                best = _REACHES[int(np.argmax(found))]
                self.get_buffer(f"reach_{m}").fill_(best)
                kernels[m] = _log_kernel(squares[m], best)


def _log_kernel(square: Tensor, reach: float) -> Tensor:
    """Student t with few degrees of freedom, up to a constant."""
    return -0.5 * (_DEGREES + NUM_COORDINATES) * torch.log1p(square / (_DEGREES * reach**2))
