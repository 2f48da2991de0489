"""Whether a modality belongs to the rest of its scene: the exact Gaussian answer, whatever else is in the batch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal
from torch_geometric.data import Batch, HeteroData

from sensorgraph.models.modality_context import out_of_context
from sensorgraph.models.shared_factors import SharedFactors
from sensorgraph.testing.tiny_run import TinyRun, tiny_run


@pytest.fixture(scope="module")
def run() -> TinyRun:
    """Scenes of a machine with all modalities."""
    return tiny_run()


@pytest.fixture(scope="module")
def factors(run: TinyRun) -> SharedFactors:
    """Fitted on them."""
    out = SharedFactors(run.schema, 4)
    out.fit(run.graphs())
    return out


def _asked(factors: SharedFactors, graphs: list[HeteroData]) -> dict[str, Tensor]:
    batch = Batch.from_data_list(graphs)
    present = {m: torch.ones(batch[m].summary.shape[:2], dtype=torch.bool) for m in batch.node_types if m != "scene"}
    return out_of_context(factors.listen(batch), present, len(graphs))


def _by_density(factors: SharedFactors, graph: HeteroData, modality: str, place: int) -> float:
    """The same from the covariance of all that is seen in a bin."""
    loadings, noises, values, mine = [], [], [], []
    for name in ("sensor", "image", "audio", "text", "video"):
        store = graph[name]
        for node, row in enumerate(factors.get_buffer(f"row_{name}")[store.channel].tolist()):
            seen = store.observed[node, place]
            if row:
                centre = factors.get_buffer(f"centre_{name}")[row]
                loadings.append(factors.get_buffer(f"loading_{name}")[row][seen].double())
                noises.append(factors.get_buffer(f"noise_{name}")[row][seen].double())
                values.append((store.summary[node, place] - centre)[seen].double())
                mine.append(torch.full((int(seen.sum()),), name == modality))
    loading, noise, value, own = torch.cat(loadings), torch.cat(noises), torch.cat(values), torch.cat(mine)
    if not own.any():
        return 0.0
    covariance = loading @ loading.T + torch.diag(noise)

    def log_density(chosen: Tensor) -> Tensor:
        part = covariance[chosen][:, chosen]
        return MultivariateNormal(torch.zeros(len(part), dtype=part.dtype), part).log_prob(value[chosen])

    return float(log_density(own) + log_density(~own) - log_density(torch.ones_like(own)))


@pytest.mark.parametrize("modality", ["sensor", "image", "audio"])
def test_it_is_the_ratio_of_the_densities(run: TinyRun, factors: SharedFactors, modality: str) -> None:
    graph = run.graphs()[0]
    found = _asked(factors, [graph])[modality]
    for place in range(found.shape[1]):
        assert float(found[0, place]) == pytest.approx(_by_density(factors, graph, modality, place), rel=1e-3, abs=0.05)


def test_a_scene_alone_or_in_a_batch(run: TinyRun, factors: SharedFactors) -> None:
    graphs = run.graphs()
    together, alone = _asked(factors, graphs[:3]), _asked(factors, graphs[1:2])
    for modality, found in alone.items():
        torch.testing.assert_close(together[modality][1:2], found, rtol=0, atol=1e-6)


def test_who_is_silent_is_neither_in_context_nor_out_of_it(run: TinyRun, factors: SharedFactors) -> None:
    batch = Batch.from_data_list(run.graphs()[:1])
    shapes = {m: batch[m].summary.shape[:2] for m in ("sensor", "image", "audio", "text", "video")}
    silent = {m: torch.full(shape, m != "audio") for m, shape in shapes.items()}
    assert not out_of_context(factors.listen(batch), silent, 1)["audio"].any()
    lonely = {m: torch.full(shape, m == "audio") for m, shape in shapes.items()}
    assert out_of_context(factors.listen(batch), lonely, 1)["audio"].abs().max() < 1e-9


def test_an_exchanged_modality_is_the_one_that_does_not_belong(run: TinyRun, factors: SharedFactors) -> None:
    one, other = run.graphs()[0], run.graphs()[4]
    exchanged = one.clone()
    exchanged["image"].summary, exchanged["image"].observed = other["image"].summary, other["image"].observed
    found = {modality: float(value.sum()) for modality, value in _asked(factors, [exchanged]).items()}
    assert max(found, key=found.__getitem__) == "image"
    assert found["image"] > 0 > float(_asked(factors, [one])["image"].sum())
