"""What known streams tell each other linearly, through a few shared factors fitted before the network learns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from sensorgraph.graph.schema import GraphSchema
from sensorgraph.models.factor_analysis import fit_factors
from sensorgraph.models.factor_messages import Heard, Messages, Speakers
from sensorgraph.models.known_channels import known_rows
from sensorgraph.typing import MODALITIES

_LARGEST_LOG_VARIANCE = 2.0


@dataclass(frozen=True)
class Belief:
    """What the visible streams say together.

    Attributes:
        messages: what everybody could say.
        heard: what the visible streams say of the factors of each scene and bin.
        factors: [S, L, K] float64, their expected values.
        mean, log_variance: modality to [N, L, F], what follows for the features of streams that are not wholly
            visible; 0 for the others and for unknown streams.
    """

    messages: Messages
    heard: Heard
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
            row, num_known = known_rows(schema, modality)
            size = (num_known + 1, schema.num_features(modality))
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

    def listen(self, graph: HeteroData) -> Messages:
        """What every known stream of the batch can say; the same whatever is hidden later."""
        everybody: dict[str, Speakers] = {m: self._speakers(graph, m) for m in MODALITIES}
        known = {m: found for m, found in everybody.items() if len(found.node)}
        if not known:
            known = {"sensor": everybody["sensor"]}
        return Messages.of(known, {m: graph[m].summary for m in MODALITIES}, {m: graph[m].observed for m in MODALITIES})

    def forward(self, graph: HeteroData, visible: Mapping[str, Tensor], messages: Messages | None = None) -> Belief:
        """What follows from the visible bins.

        Args:
            graph: the batch.
            visible: modality to [N, L] bool.
            messages: what `listen` gave for this batch, if at hand.
        """
        messages = self.listen(graph) if messages is None else messages
        audible = torch.cat([visible[m][known.node] for m, known in messages.speakers.items()])
        heard = messages.heard(audible, graph["scene"].num_nodes)
        covariance = torch.cholesky_inverse(torch.linalg.cholesky(heard.precision))
        factors = (heard.evidence[..., None, :] @ covariance[heard.pattern])[..., 0, :]
        mean: dict[str, Tensor] = {}
        log_variance: dict[str, Tensor] = {}
        for modality in MODALITIES:
            summary = graph[modality].summary
            mean[modality], log_variance[modality] = torch.zeros_like(summary), torch.zeros_like(summary)
            if modality not in messages.speakers:
                continue
            asked = messages.speakers[modality].among(~visible[modality].all(1))
            if not len(asked.node):
                continue
            expected = asked.centre[:, None] + factors[asked.scene] @ asked.loading.transpose(1, 2)
            mean[modality][asked.node] = expected.to(summary.dtype)
            bounded = torch.log(heard.spread(covariance, asked) + asked.noise[:, None]).clamp(max=_LARGEST_LOG_VARIANCE)
            log_variance[modality][asked.node] = bounded.to(summary.dtype)
        return Belief(messages, heard, factors, mean, log_variance)

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
        store, messages = graph[modality], belief.messages
        out = torch.full(store.summary.shape[:2], torch.nan, device=residual.device)
        if modality not in messages.speakers:
            return out
        everybody = messages.speakers[modality]
        known, mine = everybody.among(asked), asked[everybody.node]
        if not len(known.node):
            return out
        seen, error = store.observed[known.node], residual[known.node].double()
        own = store.summary[known.node].double() - known.centre[:, None]
        run, pull_alone = (part[messages.rows_of(modality)][mine] for part in (messages.run, messages.pull))
        pattern = belief.heard.pattern[known.scene]
        told, by_habit = torch.zeros_like(own[..., 0]), torch.zeros_like(own[..., 0])
        pull = known.pull(error, seen)
        alone = torch.eye(self.num_factors, dtype=torch.float64, device=residual.device)
        # Bins in which nothing changes but the values share one matrix; there are few such classes per stream.
        begins = torch.zeros_like(run, dtype=torch.bool)
        begins[:, 1:] = (run[:, 1:] != run[:, :-1]) | (pattern[:, 1:] != pattern[:, :-1])
        number = begins.cumsum(1)
        for group in range(int(number.max()) + 1):
            inside = number == group
            first = inside.int().argmax(1)[:, None]
            sureness = messages.sureness[run.gather(1, first)[:, 0]]
            precision = belief.heard.precision[pattern.gather(1, first)[:, 0]]
            told = torch.where(inside, _explained(pull, precision + sureness), told)
            by_habit = torch.where(inside, _explained(pull_alone, alone + sureness), by_habit)
        size = ((error.square() - own.square()) / known.noise[:, None] * seen).sum(-1)
        found = ((size - told + by_habit) / self.num_factors).to(out.dtype)
        out[known.node] = torch.where(seen.any(-1), found, torch.nan)
        return out

    def _speakers(self, graph: HeteroData, modality: str) -> Speakers:
        """The streams of a modality that the schema knows, with their linear models."""
        row = self.get_buffer(f"row_{modality}")[graph[modality].channel]
        node = (row > 0).nonzero()[:, 0]
        tables = [self.get_buffer(f"{name}_{modality}")[row[node]].double() for name in ("loading", "noise", "centre")]
        return Speakers(node, graph[modality].batch[node], *tables)


def _explained(pull: Tensor, precision: Tensor) -> Tensor:
    """Quadratic form of ``pull`` [n, L, K] with the inverse of ``precision`` [n, K, K]: [n, L]."""
    solved = torch.linalg.solve_triangular(torch.linalg.cholesky(precision), pull.transpose(1, 2), upper=False)
    return solved.square().sum(1)
