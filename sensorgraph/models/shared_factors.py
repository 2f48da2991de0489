"""What known streams tell each other linearly, through a few shared factors fitted before the network learns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from sensorgraph.graph.schema import GraphSchema
from sensorgraph.models.factor_analysis import fit_factors
from sensorgraph.typing import MODALITIES

_NODES_AT_ONCE = 64
_LARGEST_LOG_VARIANCE = 2.0


@dataclass(frozen=True)
class Belief:
    """What the visible streams say together.

    Attributes:
        precision: [S, L, K, K] float64, of the factors of each scene and bin.
        covariance: [S, L, K, K] float64, its inverse.
        factors: [S, L, K] float64, their expected values.
        mean, log_variance: modality to [N, L, F], what follows for the features of streams that are not wholly
            visible; 0 for the others and for unknown streams.
    """

    precision: Tensor
    covariance: Tensor
    factors: Tensor
    mean: dict[str, Tensor]
    log_variance: dict[str, Tensor]


class SharedFactors(nn.Module):
    r"""Messages through a concept of ``K`` Gaussian factors, one posterior per scene and bin.

    Summaries of known streams are modelled as :math:`x_s = \mu_s + W_s z + \epsilon_s` with
    :math:`z \sim N(0, I)` and :math:`\epsilon_s \sim N(0, \mathrm{diag}\,\psi_s)`. Each visible stream sends what it
    knows of the factors and how surely; the concept adds up, and answers everybody:

    .. math:: \Lambda = I + \sum_s W_s^\top \psi_s^{-1} W_s, \quad
        \hat z = \Lambda^{-1} \sum_s W_s^\top \psi_s^{-1} (x_s - \mu_s), \quad
        \hat x_r = \mu_r + W_r \hat z

    Hidden and unobserved features send nothing, so any set of streams gives an exact answer. The network learns what
    is left over. Bins are apart from each other, hence causal; sums run in float64, so that a scene's numbers do not
    depend on its batch. Streams that the schema does not know take no part.

    Args:
        schema: names the known channels.
        num_factors: ``K``.

    Reference: Ghahramani and Hinton, "The EM algorithm for mixtures of factor analyzers" (1996), for one component.
    """

    def __init__(self, schema: GraphSchema, num_factors: int) -> None:
        super().__init__()
        self.num_factors = num_factors
        self.num_bins = schema.num_bins
        for modality in MODALITIES:
            # Row 0 of each table stands for the unknown: it says nothing, and is told nothing.
            row = torch.zeros(schema.num_channels, dtype=torch.int64)
            known = [number for number, name in enumerate(schema.channels, 1) if name.startswith(f"{modality}:")]
            row[known] = torch.arange(1, len(known) + 1)
            size = (len(known) + 1, schema.num_features(modality))
            self.register_buffer(f"row_{modality}", row)
            self.register_buffer(f"centre_{modality}", torch.zeros(size))
            self.register_buffer(f"noise_{modality}", torch.ones(size))
            self.register_buffer(f"loading_{modality}", torch.zeros(*size, num_factors))

    def fit(self, graphs: Iterable[HeteroData]) -> None:
        """Learn the factors from normal training graphs; a set without known streams leaves them empty."""
        sizes = {m: self.get_buffer(f"centre_{m}").shape for m in MODALITIES}
        begin, width = {}, 0
        for modality in MODALITIES:
            begin[modality], width = width, width + (sizes[modality][0] - 1) * sizes[modality][1]
        if not width:
            return
        values, known = [], []
        for graph in graphs:
            value, seen = torch.zeros(self.num_bins, width), torch.zeros(self.num_bins, width, dtype=torch.bool)
            for modality in MODALITIES:
                store, step = graph[modality], sizes[modality][1]
                for number, row in enumerate(self.get_buffer(f"row_{modality}")[store.channel].tolist()):
                    if row:
                        first = begin[modality] + (row - 1) * step
                        value[:, first : first + step] = store.summary[number]
                        seen[:, first : first + step] = store.observed[number]
            values.append(value)
            known.append(seen)
        found = fit_factors(torch.cat(values), torch.cat(known), self.num_factors)
        for modality in MODALITIES:
            rows, step = sizes[modality]
            part = slice(begin[modality], begin[modality] + (rows - 1) * step)
            self.get_buffer(f"centre_{modality}")[1:] = found.centre[part].view(rows - 1, step)
            self.get_buffer(f"noise_{modality}")[1:] = found.noise[part].view(rows - 1, step)
            self.get_buffer(f"loading_{modality}")[1:] = found.loading[part].view(rows - 1, step, self.num_factors)

    def forward(self, graph: HeteroData, visible: Mapping[str, Tensor]) -> Belief:
        """What follows from the visible bins.

        Shapes: ``visible[m]`` [N, L] bool.
        """
        size = (graph["scene"].num_nodes, self.num_bins, self.num_factors)
        device = self.get_buffer("row_sensor").device
        precision = torch.eye(size[2], dtype=torch.float64, device=device).repeat(*size[:2], 1, 1)
        evidence = torch.zeros(size, dtype=torch.float64, device=device)
        for modality in MODALITIES:
            for nodes in self._known(graph, modality):
                seen = graph[modality].observed[nodes] & visible[modality][nodes][..., None]
                sureness, pull = self._message(graph, modality, nodes, graph[modality].summary[nodes], seen)
                scene = graph[modality].batch[nodes]
                precision = precision.index_add(0, scene, sureness)
                evidence = evidence.index_add(0, scene, pull)
        covariance = torch.cholesky_inverse(torch.linalg.cholesky(precision))
        factors = (covariance @ evidence[..., None])[..., 0]
        mean: dict[str, Tensor] = {}
        log_variance: dict[str, Tensor] = {}
        for modality in MODALITIES:
            summary = graph[modality].summary
            asks = ~visible[modality].all(1)
            mean[modality], log_variance[modality] = torch.zeros_like(summary), torch.zeros_like(summary)
            for nodes in self._known(graph, modality, asks):
                loading, noise, centre = self._tables(graph, modality, nodes)
                scene = graph[modality].batch[nodes]
                spread = covariance[scene].flatten(2) @ _squares(loading).transpose(1, 2)
                mean[modality][nodes] = (centre + factors[scene] @ loading.transpose(1, 2)).to(summary.dtype)
                bounded = torch.log(spread + noise).clamp(max=_LARGEST_LOG_VARIANCE)
                log_variance[modality][nodes] = bounded.to(summary.dtype)
        return Belief(precision, covariance, factors, mean, log_variance)

    def disagreement(self, graph: HeteroData, belief: Belief, modality: str, residual: Tensor, asked: Tensor) -> Tensor:
        r"""How much worse the others foresee a stream than its own habits do; above 0, the others contradict it.

        .. math:: d = \bigl(r^\top S^{-1} r - (x - \mu)^\top S_0^{-1} (x - \mu)\bigr) / K

        with the covariance :math:`S = W \Lambda^{-1} W^\top + \psi` of what the others expect and
        :math:`S_0 = W W^\top + \psi` of the stream alone. It is (without constants) the negative pointwise mutual
        information: noise that nobody can foresee appears in both terms and goes out. The belief must have been
        formed without the stream.

        Shapes: ``residual`` [N, L, F], truth minus expectation; ``asked`` [N] bool, streams of interest; returns
        [N, L], NaN for unknown, unseen and unasked streams.
        """
        store = graph[modality]
        out = torch.full(store.summary.shape[:2], torch.nan, device=residual.device)
        alone = torch.eye(self.num_factors, dtype=torch.float64, device=residual.device)
        for nodes in self._known(graph, modality, asked):
            seen, summary = store.observed[nodes], store.summary[nodes]
            _, noise, centre = self._tables(graph, modality, nodes)
            sureness, pull_alone = self._message(graph, modality, nodes, summary, seen)
            _, pull = self._message(graph, modality, nodes, residual[nodes] + centre, seen)
            told = _explained(pull, belief.precision[store.batch[nodes]] + sureness)
            by_habit = _explained(pull_alone, alone + sureness)
            size = ((residual[nodes].double().square() - (summary - centre).square()) / noise * seen).sum(-1)
            found = ((size - told + by_habit) / self.num_factors).to(out.dtype)
            out[nodes] = torch.where(seen.any(-1), found, torch.nan)
        return out

    def _known(self, graph: HeteroData, modality: str, among: Tensor | None = None) -> tuple[Tensor, ...]:
        """Numbers of the known streams, some at a time so that memory stays small."""
        is_known = self.get_buffer(f"row_{modality}")[graph[modality].channel] > 0
        known = (is_known if among is None else is_known & among).nonzero()[:, 0]
        return known.split(_NODES_AT_ONCE) if len(known) else ()

    def _tables(self, graph: HeteroData, modality: str, nodes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Loading [n, F, K], noise [n, 1, F] and centre [n, 1, F] of some streams."""
        row = self.get_buffer(f"row_{modality}")[graph[modality].channel[nodes]]
        loading = self.get_buffer(f"loading_{modality}")[row].double()
        noise, centre = self.get_buffer(f"noise_{modality}")[row], self.get_buffer(f"centre_{modality}")[row]
        return loading, noise.double()[:, None], centre.double()[:, None]

    def _message(
        self, graph: HeteroData, modality: str, nodes: Tensor, value: Tensor, seen: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What streams say of the factors: how surely [n, L, K, K], and in which direction [n, L, K]."""
        loading, noise, centre = self._tables(graph, modality, nodes)
        trust = seen / noise
        sureness = (trust @ _squares(loading)).unflatten(-1, (self.num_factors, self.num_factors))
        return sureness, ((value - centre) * trust) @ loading


def _squares(loading: Tensor) -> Tensor:
    """Outer product of each feature's loading with itself: [n, F, K] to [n, F, K * K]."""
    return (loading[..., :, None] * loading[..., None, :]).flatten(2)


def _explained(pull: Tensor, precision: Tensor) -> Tensor:
    """Quadratic form of ``pull`` [..., K] with the inverse of ``precision`` [..., K, K]."""
    solved = torch.cholesky_solve(pull[..., None], torch.linalg.cholesky(precision))[..., 0]
    return (pull * solved).sum(-1)
