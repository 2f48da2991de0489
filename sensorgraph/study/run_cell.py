"""Runs one cell: trains its network, and asks it under every condition."""

from __future__ import annotations

import torch
from torch import Tensor

from sensorgraph.fusion import KINDS, Fusion, MessagePassing
from sensorgraph.fusion.weighted import Weighted
from sensorgraph.graph.schema import NODE_TYPES
from sensorgraph.study.cell import AS_IS, Cell, Result
from sensorgraph.study.conditions import damages_of, permutations_of
from sensorgraph.study.fit import FitSettings, fit_network, probability_of
from sensorgraph.study.inputs import Inputs
from sensorgraph.study.network import StudyNetwork
from sensorgraph.study.scenes import StudyScenes
from sensorgraph.study.task import CLASSES
from sensorgraph.study.weaken import weakened

_SCENES_TO_LOOK_INSIDE = 512


def run_cell(cell: Cell, scenes: StudyScenes, settings: FitSettings) -> Result:
    """Train and ask.

    Figures: ``parameters``, ``fusion_parameters``, ``train_cpu_s``, ``num_epochs``, ``epochs_to_best``, ``diverged``
    (0 or 1), ``validation_loss``, and the share of right answers in ``train``, ``validation`` and ``test``.
    """
    network = network_of(cell.kind, {m: scenes.widths()[m] for m in cell.modalities}, settings.dim, cell.seed)
    train, validation, test = (weakened(getattr(scenes, name), cell, name == "train") for name in SPLITS)
    train_label = scenes.train.label
    alone = len(cell.modalities) == 1
    if alone:  # a scene that lacks the only modality has nothing to learn from
        there = train.has[cell.modalities[0]].nonzero().squeeze(1)
        train, train_label = train.rows(there), train_label[there]
    drop = None if not cell.dropout else lambda batch, random: dropped(batch, cell.dropout, random)
    found = fit_network(network, (train, train_label), (validation, scenes.validation.label), settings, cell.seed, drop)
    probability = {name: probability_of(network, given) for name, given in (("validation", validation), ("test", test))}
    answers = {AS_IS: probability["test"].argmax(1)}
    conditions = [] if alone else list(permutations_of(test, cell.modalities))
    if not cell.weakened and (alone or len(cell.modalities) == len(scenes.modalities)):
        conditions += damages_of(scenes.test, cell.modalities)
    for name, given in conditions:
        said = probability_of(network, given)
        answers[name] = said.argmax(1)
        if alone:  # kept, because means of them are asked for
            probability[name] = said
    figures = {
        "parameters": num_parameters(network),
        "fusion_parameters": num_parameters(network.fusion),
        "train_cpu_s": found.cpu_s,
        "num_epochs": found.num_epochs,
        "epochs_to_best": found.epochs_to_best,
        "validation_loss": found.validation_loss,
        "diverged": float(found.diverged),
        "train": _share_right(probability_of(network, train), train_label),
        "validation": _share_right(probability["validation"], scenes.validation.label),
        "test": _share_right(probability["test"], scenes.test.label),
    }
    return Result(
        cell,
        figures,
        learned_by(network, test),
        {name: part.numpy() for name, part in probability.items()},
        {name: part.to(torch.uint8).numpy() for name, part in answers.items()},
    )


SPLITS = ("train", "validation", "test")


def network_of(kind: str, widths: dict[str, int], dim: int, seed: int) -> StudyNetwork:
    """The untrained network of a kind of fusion.

    Example:
        >>> small, large = (network_of("late", dict.fromkeys(names, 5), 8, seed=0) for names in ("ab", "abc"))
        >>> num_parameters(small.fusion) == num_parameters(large.fusion)
        True
    """
    torch.manual_seed(seed)
    # The fitted linear factors of message passing belong to the scene network; here is the learned part alone.
    fusion: Fusion = (
        MessagePassing(dim, num_factors=0, scales=True) if kind == "message_passing" else KINDS[kind](dim=dim)
    )
    return StudyNetwork(widths, fusion, dim, len(CLASSES))


def parameter_growth(kind: str, widths: dict[str, int], dim: int) -> list[int]:
    """Parameters of the whole network with the first one, two, ... modalities.

    Example:
        >>> one, two, three = parameter_growth("concat", {"sensor": 4, "image": 4, "text": 4}, dim=8)
        >>> two - one == three - two
        True
    """
    names = list(widths)
    parts = (names[: size + 1] for size in range(len(names)))
    return [num_parameters(network_of(kind, {m: widths[m] for m in part}, dim, seed=0)) for part in parts]


def num_parameters(module: torch.nn.Module) -> int:
    """Learned numbers of a module."""
    return sum(part.numel() for part in module.parameters())


def dropped(batch: Inputs, rate: float, random: torch.Generator) -> Inputs:
    """Modality dropout: each is absent from each scene with a probability; where nothing would be left, all stay.

    Example:
        >>> given = Inputs.of(*({"a": torch.ones(9, 2, 1), "b": torch.ones(9, 2, 1)} for _ in range(2)))
        >>> left = dropped(given, 0.5, torch.Generator().manual_seed(0))
        >>> bool((left.has["a"] | left.has["b"]).all()), bool((left.has["a"] & left.has["b"]).all())
        (True, False)
    """
    names = list(batch.has)
    there = torch.stack([batch.has[name] for name in names], dim=1)
    drop = torch.rand(there.shape, generator=random) < rate
    drop &= (there & ~drop).any(1, keepdim=True)
    return batch.lacking({name: drop[:, place] for place, name in enumerate(names)})


@torch.no_grad()
def learned_by(network: StudyNetwork, given: Inputs) -> dict[str, dict[str, float]]:
    """What training made of modalities, as far as the kind has it: their ``scale``, the mean ``share`` of their voices
    that is let through, and the ``weight`` that they are given."""
    out: dict[str, dict[str, float]] = {}
    modalities = list(network.encoders)
    scales = network.fusion.read_scales()
    if scales:
        size = {m: scales[m].modality * float(scales[m].channel.abs().mean()) for m in modalities}
        out["scale"] = size
    rows = torch.arange(min(given.num_scenes, _SCENES_TO_LOOK_INSIDE))
    shares = network.eval()(given.rows(rows)).fused.inside.modality_share
    if shares:
        mean = torch.stack([share.mean((0, 2, 3)) for share in shares]).mean(0)
        out["share"] = {m: float(mean[NODE_TYPES.index(m)]) for m in modalities}
    if isinstance(network.fusion, Weighted):
        heard = [table[listener] for table in network.fusion.weights() for listener in modalities]
        out["weight"] = {m: sum(row[m] for row in heard) / len(heard) for m in modalities}
    return out


def _share_right(probability: Tensor, label: Tensor) -> float:
    return float((probability.argmax(1) == label).double().mean())
