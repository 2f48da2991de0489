"""What known streams tell each other linearly, through a few shared factors fitted before the network learns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, HeteroData

from sensorgraph.graph.schema import GraphSchema
from sensorgraph.models.factor_analysis import fit_factors
from sensorgraph.models.factor_messages import Heard, Messages, Speakers
from sensorgraph.models.known_channels import known_rows
from sensorgraph.typing import MODALITIES

_LARGEST_LOG_VARIANCE = 2.0
_USUAL_SHARE = 0.999
"""Of the bins of training; so odd as only the rest of them, a stream is outside what its linear model was fitted to."""

_DOUBT = 0.25
"""Power of how odd a stream is by which its noise is taken to grow."""

_MOST_DOUBLINGS = 30
_SCENES_AT_ONCE = 8


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

    A line fitted to one range says little of another. Where a stream is odder than in training, by its own habits,

    .. math:: q_s = (x_s - \mu_s)^\top (W_s W_s^\top + \psi_s)^{-1} (x_s - \mu_s) / F
        > q_s^{.999},

    its noise is taken to be :math:`(q_s / q_s^{.999})^{1/4}` times as large (the next power of two, so that few
    matrices differ): it tells the others less, and is less easily contradicted by them. The whole ratio would explain
    away a fault, and with none of it every new set-point would be one; of 1, 1/2, 1/4 and 0, a quarter was the least
    with which new set-points of the contextual benchmark (simulated, seed 0) keep the false-alarm rate.

    Args:
        schema: names the known channels.
        num_factors: ``K``.

    Reference: Ghahramani and Hinton, "The EM algorithm for mixtures of factor analyzers" (1996), for one component;
    West, "Outlier models and prior distributions in Bayesian linear regression" (1984), for noise that grows.
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
            # 0 where it was never learned: then nothing is odd.
            self.register_buffer(f"usual_{modality}", torch.zeros(size[0]))

    def fit(self, graphs: Iterable[HeteroData]) -> None:
        """Learn the factors from normal training graphs; a set without known streams leaves them empty."""
        sizes = {m: self.get_buffer(f"centre_{m}").shape for m in MODALITIES}
        begin, width = {}, 0
        for modality in MODALITIES:
            begin[modality], width = width, width + (sizes[modality][0] - 1) * sizes[modality][1]
        if not width:
            return
        values, known = [], []
        graphs = list(graphs)
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
        self._learn_what_is_usual(graphs)

    def _learn_what_is_usual(self, graphs: Sequence[HeteroData]) -> None:
        found: dict[str, dict[int, list[Tensor]]] = {m: {} for m in MODALITIES}
        for first in range(0, len(graphs), _SCENES_AT_ONCE):
            batch = Batch.from_data_list(list(graphs[first : first + _SCENES_AT_ONCE]))
            messages = self._messages(batch)
            odd = self._oddness(batch, messages)
            for modality, known in messages.speakers.items():
                rows = self.get_buffer(f"row_{modality}")[batch[modality].channel[known.node]].tolist()
                for row, values in zip(rows, odd[messages.rows_of(modality)], strict=True):
                    found[modality].setdefault(row, []).append(values[torch.isfinite(values)])
        for modality, of_rows in found.items():
            for row, parts in of_rows.items():
                values = torch.cat(parts)
                if len(values):
                    self.get_buffer(f"usual_{modality}")[row] = np.quantile(values.cpu().numpy(), _USUAL_SHARE)

    def _oddness(self, graph: HeteroData, messages: Messages) -> Tensor:
        """How far each known stream is from its own habits, per observed feature: [M, L]; NaN where none was."""
        size, number = [], []
        for modality, known in messages.speakers.items():
            seen = graph[modality].observed[known.node]
            own = graph[modality].summary[known.node].double() - known.centre[:, None]
            size.append((own.square() / known.noise[:, None] * seen).sum(-1))
            number.append(seen.sum(-1))
        explained = torch.zeros_like(messages.doubt)
        itself = torch.eye(self.num_factors, dtype=torch.float64, device=explained.device)
        for inside, first in _stretches(messages.run):
            sureness = messages.sureness[messages.run.gather(1, first)[:, 0]]
            explained = torch.where(inside, _explained(messages.pull, itself + sureness), explained)
        return (torch.cat(size) - explained) / torch.cat(number)

    def listen(self, graph: HeteroData) -> Messages:
        """What every known stream of the batch can say; the same whatever is hidden later."""
        messages = self._messages(graph)
        usual = torch.cat(
            [
                self.get_buffer(f"usual_{m}")[self.get_buffer(f"row_{m}")[graph[m].channel[known.node]]]
                for m, known in messages.speakers.items()
            ]
        ).double()
        odd = self._oddness(graph, messages) / usual[:, None]
        odd = torch.where((usual[:, None] > 0) & torch.isfinite(odd), odd, 1.0).clamp(min=1.0)
        return messages.doubted(torch.exp2((_DOUBT * torch.log2(odd)).ceil().clamp(0, _MOST_DOUBLINGS)))

    def _messages(self, graph: HeteroData) -> Messages:
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
        run, pull_alone, doubt = (
            part[messages.rows_of(modality)][mine] for part in (messages.run, messages.pull, messages.doubt)
        )
        pattern = belief.heard.pattern[known.scene]
        told, by_habit = torch.zeros_like(own[..., 0]), torch.zeros_like(own[..., 0])
        pull = known.pull(error, seen) / doubt[..., None]
        alone = torch.eye(self.num_factors, dtype=torch.float64, device=residual.device)
        for inside, first in _stretches(run, pattern):
            sureness = messages.sureness[run.gather(1, first)[:, 0]]
            precision = belief.heard.precision[pattern.gather(1, first)[:, 0]]
            told = torch.where(inside, _explained(pull, precision + sureness), told)
            by_habit = torch.where(inside, _explained(pull_alone, alone + sureness), by_habit)
        size = ((error.square() - own.square()) / known.noise[:, None] * seen).sum(-1) / doubt
        found = ((size - told + by_habit) / self.num_factors).to(out.dtype)
        out[known.node] = torch.where(seen.any(-1), found, torch.nan)
        return out

    def _speakers(self, graph: HeteroData, modality: str) -> Speakers:
        """The streams of a modality that the schema knows, with their linear models."""
        row = self.get_buffer(f"row_{modality}")[graph[modality].channel]
        node = (row > 0).nonzero()[:, 0]
        tables = [self.get_buffer(f"{name}_{modality}")[row[node]].double() for name in ("loading", "noise", "centre")]
        return Speakers(node, graph[modality].batch[node], *tables)


def _stretches(*keys: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Stretches of bins in which nothing changes but the values share one matrix; there are few of them per stream.

    Shapes: keys [n, L]; yields the bins of the k-th stretch of each stream [n, L] bool, and its first bin [n, 1].
    """
    begins = torch.zeros_like(keys[0], dtype=torch.bool)
    for key in keys:
        begins[:, 1:] |= key[:, 1:] != key[:, :-1]
    number = begins.cumsum(1)
    for group in range(int(number.max()) + 1 if number.numel() else 0):
        inside = number == group
        yield inside, inside.int().argmax(1)[:, None]


def _explained(pull: Tensor, precision: Tensor) -> Tensor:
    """Quadratic form of ``pull`` [n, L, K] with the inverse of ``precision`` [n, K, K]: [n, L]."""
    solved = torch.linalg.solve_triangular(torch.linalg.cholesky(precision), pull.transpose(1, 2), upper=False)
    return solved.square().sum(1)
