"""Stages follow each other, freeze what they should, and go on after an interruption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, HeteroData

from sensorgraph.errors import FileFormatError, NonFiniteLossError
from sensorgraph.graph import GraphList
from sensorgraph.graph.transforms import Jitter
from sensorgraph.models import SceneGNN
from sensorgraph.testing.tiny_run import TinyRun
from sensorgraph.training import (
    DropoutRates,
    FusionObjective,
    PretrainObjective,
    Progress,
    RateFactors,
    Splits,
    StageSettings,
    TrainingPlace,
    TrainingSettings,
    load_checkpoint,
    module,
    stages,
    train,
)
from sensorgraph.training.stages import BEST, CHECKPOINT, MODEL


class Killed(BaseException):
    """No error that anybody could handle."""


def settings(pretrain: int = 0, fuse: int = 0, finetune: int = 0, **more: Any) -> TrainingSettings:
    def stage(epochs: int) -> StageSettings:
        return StageSettings(**{"epochs": epochs, "batch_size": 2, "learning_rate": 1e-3, **more})

    return TrainingSettings(stage(pretrain), stage(fuse), stage(finetune))


def run(
    model: SceneGNN, splits: Splits, chosen: TrainingSettings, folder: Path, resume: bool = False
) -> list[Progress]:
    place = TrainingPlace(folder, resume=resume, progress_bar=False)
    return train(model, splits, chosen, Jitter(0.05), place)


def weights_of(part: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in part.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def kill_at(monkeypatch: pytest.MonkeyPatch, where: Any, call: int, before: bool) -> None:
    """End the process at the n-th writing of a checkpoint, just before or just after it."""
    real: Callable[..., None] = where.save_checkpoint
    calls = []

    def save(path: Path, *rest: Any) -> None:
        calls.append(path.name)
        counts = calls.count(CHECKPOINT) == call and path.name == CHECKPOINT
        if counts and before:
            raise Killed
        real(path, *rest)
        if counts:
            raise Killed

    monkeypatch.setattr(where, "save_checkpoint", save)


def test_stages_run_in_order_and_the_model_is_written(little: TinyRun, splits: Splits, tmp_path: Path) -> None:
    model = little.model(dim=8)
    done = run(model, splits, settings(pretrain=1, fuse=2, finetune=1), tmp_path)
    assert [(one.stage, one.next_epoch, one.finished) for one in done] == [
        ("pretrain", 1, True),
        ("fuse", 2, True),
        ("finetune", 1, True),
    ]
    written = load_checkpoint(tmp_path / MODEL)
    assert written.progress.finished
    assert same(written.weights, weights_of(model))
    assert all(value.isfinite().all() for value in written.weights.values())
    assert load_checkpoint(tmp_path / CHECKPOINT).progress == done[-1]
    assert not (tmp_path / BEST).exists()
    assert all(weight.requires_grad for weight in model.parameters())


@pytest.mark.parametrize(
    ("stage", "moves", "stays"),
    [
        ("pretrain", ["encoders"], ["fusion", "decoders", "identity", "links", "pairing", "summaries"]),
        ("fuse", ["fusion", "decoders", "identity", "links", "pairing", "summaries"], ["encoders"]),
        ("finetune", ["encoders", "fusion", "decoders", "identity", "pairing"], []),
    ],
)
def test_each_stage_moves_what_it_should(
    little: TinyRun, splits: Splits, tmp_path: Path, stage: str, moves: list[str], stays: list[str]
) -> None:
    model = little.model(dim=8)
    before = {name: weights_of(getattr(model, name)) for name in (*moves, *stays)}
    run(model, splits, settings(**{stage: 1}), tmp_path)
    after = {name: weights_of(getattr(model, name)) for name in (*moves, *stays)}
    assert [name for name in before if not same(before[name], after[name])] == moves


KILLS = {
    "before the first checkpoint": (module, 1, True, [("pretrain", 2), ("fuse", 2), ("finetune", 1)]),
    "after the first epoch": (module, 1, False, [("pretrain", 2), ("fuse", 2), ("finetune", 1)]),
    "when a stage was to be closed": (stages, 1, True, [("pretrain", 2), ("fuse", 2), ("finetune", 1)]),
    "between two stages": (stages, 1, False, [("fuse", 2), ("finetune", 1)]),
    "in the middle of the second stage": (module, 3, False, [("fuse", 2), ("finetune", 1)]),
    "in the last stage": (module, 5, True, [("finetune", 1)]),
}


@pytest.mark.parametrize("kill", KILLS)
def test_a_killed_run_goes_on_where_it_was(
    little: TinyRun, splits: Splits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kill: str
) -> None:
    where, call, before, expected = KILLS[kill]
    chosen = settings(pretrain=2, fuse=2, finetune=1)
    with monkeypatch.context() as patch:
        kill_at(patch, where, call, before)
        with pytest.raises(Killed):
            run(little.model(dim=8), splits, chosen, tmp_path)
    saved = load_checkpoint(tmp_path / CHECKPOINT).progress if (tmp_path / CHECKPOINT).exists() else None

    epochs: list[tuple[str, int]] = []
    real = module.StageModule.on_validation_epoch_end

    def counted(self: module.StageModule) -> None:
        real(self)
        epochs.append((self.stage, self.progress.next_epoch))

    monkeypatch.setattr(module.StageModule, "on_validation_epoch_end", counted)
    model = little.model(dim=8, seed=1)
    done = run(model, splits, chosen, tmp_path, resume=True)
    assert [(one.stage, one.next_epoch) for one in done] == expected
    every = [("pretrain", 1), ("pretrain", 2), ("fuse", 1), ("fuse", 2), ("finetune", 1)]
    last = 0 if saved is None else every.index((saved.stage, saved.next_epoch)) + 1
    assert epochs == every[last:], "epochs that were complete are not done again, and none is left out"
    assert same(load_checkpoint(tmp_path / MODEL).weights, weights_of(model))


def test_a_run_goes_on_with_the_weights_that_it_had(
    little: TinyRun, splits: Splits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the end of the first stage the rest is the same, to the last bit, when luck is the same."""
    chosen = settings(pretrain=1, fuse=1)
    with monkeypatch.context() as patch:
        kill_at(patch, stages, 1, before=False)
        with pytest.raises(Killed):
            run(little.model(dim=8), splits, chosen, tmp_path)
    ends = []
    for _ in range(2):
        model = little.model(dim=8, seed=7)
        copy = tmp_path / str(len(ends))
        copy.mkdir()
        (copy / CHECKPOINT).write_bytes((tmp_path / CHECKPOINT).read_bytes())
        torch.manual_seed(3)
        run(model, splits, chosen, copy, resume=True)
        ends.append(weights_of(model))
    pretrained = load_checkpoint(tmp_path / CHECKPOINT).weights
    assert same(ends[0], ends[1])
    encoders = {name: value for name, value in pretrained.items() if name.startswith("encoders.")}
    assert same(encoders, {name: ends[0][name] for name in encoders})


@pytest.mark.parametrize("stage", ["pretrain", "fuse", "finetune"])
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(
    little: TinyRun, splits: Splits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Order of scenes, what is hidden and how views are drawn go on where they were: the state of luck is kept."""
    chosen = settings(**{stage: 2})
    whole = little.model(dim=8)
    torch.manual_seed(5)
    run(whole, splits, chosen, tmp_path / "whole")
    killed = little.model(dim=8)
    torch.manual_seed(5)
    with monkeypatch.context() as patch:
        kill_at(patch, module, call=1, before=False)
        with pytest.raises(Killed):
            run(killed, splits, chosen, tmp_path / "killed")
    again = little.model(dim=8, seed=1)
    torch.manual_seed(99)
    run(again, splits, chosen, tmp_path / "killed", resume=True)
    assert same(weights_of(whole), weights_of(again))


def test_a_finished_run_is_not_trained_again(little: TinyRun, splits: Splits, tmp_path: Path) -> None:
    first = little.model(dim=8)
    run(first, splits, settings(fuse=1), tmp_path)
    again = little.model(dim=8, seed=1)
    assert run(again, splits, settings(fuse=1), tmp_path, resume=True) == []
    assert same(weights_of(first), weights_of(again))


def test_a_checkpoint_of_another_network_is_refused(little: TinyRun, splits: Splits, tmp_path: Path) -> None:
    run(little.model(dim=8), splits, settings(fuse=1), tmp_path)
    with pytest.raises(FileFormatError, match="does not fit the model of the run file"):
        run(little.model(dim=16), splits, settings(fuse=1, finetune=1), tmp_path, resume=True)


def test_a_stage_ends_when_nothing_is_gained(little: TinyRun, splits: Splits, tmp_path: Path) -> None:
    done = run(little.model(dim=8), splits, settings(fuse=9, patience=1, learning_rate=1e-30), tmp_path)
    assert (done[0].next_epoch, done[0].epochs_without_gain) == (2, 1)


def test_a_stage_that_ended_early_is_not_taken_up_again(
    little: TinyRun, splits: Splits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(fuse=9, patience=1, learning_rate=1e-30)
    with monkeypatch.context() as patch:
        kill_at(patch, stages, 1, before=True)
        with pytest.raises(Killed):
            run(little.model(dim=8), splits, chosen, tmp_path)
    done = run(little.model(dim=8), splits, chosen, tmp_path, resume=True)
    assert [one.next_epoch for one in done] == [2]


@pytest.mark.parametrize("stage", ["pretrain", "fuse", "finetune"])
def test_a_loss_that_is_not_finite_names_the_scene(
    little: TinyRun, little_graphs: list[HeteroData], tmp_path: Path, stage: str
) -> None:
    broken, model = little_graphs[1].clone(), little.model(dim=8)
    store = broken["sensor"]
    of_word = torch.repeat_interleave(store.is_word, store.length)
    store.value = torch.where(of_word, store.value, torch.nan)
    splits = Splits(GraphList([little_graphs[0], broken]), GraphList(little_graphs[4:]))
    with pytest.raises(NonFiniteLossError, match=f"scenes: .*{broken.scene_id}"):
        run(model, splits, settings(**{stage: 1}), tmp_path)


def test_a_modality_learns_at_its_own_rate(little: TinyRun, splits: Splits, tmp_path: Path) -> None:
    """At a factor of 0 its weights stay; the others move as far as they do without a factor."""
    moved = {}
    for factor in (1.0, 0.0):
        model = little.model(dim=8)
        before = {part: weights_of(getattr(model, part)) for part in ("encoders", "decoders", "fusion")}
        chosen = replace(settings(finetune=1), weight_decay=0.0, learning_rate_factors=RateFactors(text=factor))
        torch.manual_seed(0)
        run(model, splits, chosen, tmp_path / str(factor))
        moved[factor] = {
            f"{part}.{name}": not torch.equal(value, before[part][name])
            for part in before
            for name, value in weights_of(getattr(model, part)).items()
        }
    of_text = {name for name in moved[1.0] if name.split(".")[1] == "text"}
    assert of_text
    assert any(moved[1.0][name] for name in of_text)
    assert not any(moved[0.0][name] for name in of_text)
    assert {name for name in moved[0.0] if moved[0.0][name]} == {n for n in moved[1.0] if moved[1.0][n]} - of_text


def test_rates_of_modalities_survive_a_kill(
    little: TinyRun, splits: Splits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = replace(settings(finetune=2), learning_rate_factors=RateFactors(text=0.5))
    whole = little.model(dim=8)
    run(whole, splits, chosen, tmp_path / "whole")
    seen: list[Any] = []
    real = module.parameter_groups
    monkeypatch.setattr(module, "parameter_groups", lambda *args: seen.append(real(*args)) or seen[-1])
    with monkeypatch.context() as patch:
        kill_at(patch, module, call=1, before=False)
        with pytest.raises(Killed):
            run(little.model(dim=8), splits, chosen, tmp_path / "killed")
    again = little.model(dim=8, seed=1)
    (done,) = run(again, splits, chosen, tmp_path / "killed", resume=True)
    assert done.next_epoch == 2
    assert [[len(group["params"]) for group in groups] for groups in seen] == [[len(g["params"]) for g in seen[0]]] * 2
    state = load_checkpoint(tmp_path / "killed" / CHECKPOINT)
    assert state.progress.finished


def test_whole_modalities_are_dropped_in_training_and_never_in_validation(
    little: TinyRun, splits: Splits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[bool, list[bool]] = {True: [], False: []}
    real = FusionObjective.forward

    def watched(self: FusionObjective, model: SceneGNN, graph: HeteroData, hidden: Any) -> Any:
        whole = [bool(hidden["text"][graph["text"].batch == scene].all()) for scene in range(graph["scene"].num_nodes)]
        seen[model.training] += whole
        return real(self, model, graph, hidden)

    monkeypatch.setattr(FusionObjective, "forward", watched)
    chosen = replace(settings(fuse=4), modality_dropout=DropoutRates(text=0.99))
    run(little.model(dim=8), splits, chosen, tmp_path)
    assert sum(seen[True]) >= 0.9 * len(seen[True]) > 10
    assert sum(seen[False]) < 0.9 * len(seen[False])


def test_an_auxiliary_head_per_modality_teaches_encoders_what_their_streams_do(
    little: TinyRun, little_graphs: list[HeteroData]
) -> None:
    weights = {"contrast": 0.0, "cpc": 0.0, "masked_bits": 0.0, "own_summary": 1.0}
    model, objective = little.model(dim=8), PretrainObjective(8, Jitter(0.05), weights)
    batch = Batch.from_data_list(little_graphs[:2])
    optimizer = torch.optim.Adam([*model.encoders.parameters(), *objective.parameters()], 1e-2)
    losses = []
    for _ in range(25):
        optimizer.zero_grad()
        total = objective(model, batch).total
        total.backward()
        optimizer.step()
        losses.append(float(total.detach()))
    for modality in ("sensor", "text"):
        weights_of_one = model.encoders[modality].parameters()
        assert any(weight.grad is not None and bool(weight.grad.any()) for weight in weights_of_one)
    assert losses[-1] < 0.8 * losses[0]
    assert PretrainObjective(8, Jitter(0.05)).own_summary is None
