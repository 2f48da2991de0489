"""A checkpoint is whole or not there, and says what it is."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from sensorgraph.errors import FileFormatError
from sensorgraph.scenes import atomic
from sensorgraph.training import Progress, load_checkpoint, restore_weights, save_checkpoint
from sensorgraph.training.checkpoint import VERSION, restore_optimizer

PROGRESS = Progress("fuse", next_epoch=3, best_loss=0.25, epochs_without_gain=1)


def trained() -> tuple[nn.Module, torch.optim.Optimizer]:
    """A small network after two steps."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    step(model, optimizer)
    step(model, optimizer)
    return model, optimizer


def step(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    model(torch.arange(12.0).view(4, 3)).square().sum().backward()
    optimizer.step()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    model, optimizer = trained()
    save_checkpoint(tmp_path / "c", model, PROGRESS, optimizer)
    found = load_checkpoint(tmp_path / "c")
    assert found.progress == PROGRESS
    for name, value in model.state_dict().items():
        torch.testing.assert_close(found.weights[name], value, rtol=0, atol=0)


def test_training_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """With the optimizer's state, the next steps are the same to the last bit; without it they are not."""
    model, optimizer = trained()
    save_checkpoint(tmp_path / "c", model, PROGRESS, optimizer)
    found = load_checkpoint(tmp_path / "c")
    for restores_optimizer in (True, False):
        other, _ = trained()
        restore_weights(other, found.weights, "c")
        second = torch.optim.AdamW(other.parameters(), 1e-2)
        if restores_optimizer:
            restore_optimizer(second, found.optimizer)
            step(model, optimizer)
        step(other, second)
        same = all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))
        assert same is restores_optimizer


def test_a_best_loss_that_there_is_none_of_survives(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "c", nn.Linear(1, 1), Progress("pretrain", 0))
    assert load_checkpoint(tmp_path / "c").progress.best_loss == float("inf")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    model, optimizer = trained()
    save_checkpoint(tmp_path / "c", model, PROGRESS, optimizer)
    whole = (tmp_path / "c").read_bytes()
    (tmp_path / "c").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FileFormatError, match="not a checkpoint of sensorgraph; train again"):
        load_checkpoint(tmp_path / "c")


@pytest.mark.parametrize("facts", [None, "no json", "[]", "{}", '{"version": "new"}'])
def test_a_foreign_file_is_refused(tmp_path: Path, facts: str | None) -> None:
    metadata = None if facts is None else {"sensorgraph": facts}
    save_file({"weight:a": torch.zeros(2)}, tmp_path / "c", metadata=metadata)
    with pytest.raises(FileFormatError, match="not a checkpoint of sensorgraph"):
        load_checkpoint(tmp_path / "c")


def test_no_file_and_another_kind_of_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("time,flow\n0,1\n")
    for name in ("c", "nothing"):
        with pytest.raises(FileFormatError, match=f"{name}: not a checkpoint of sensorgraph"):
            load_checkpoint(tmp_path / name)


def test_a_newer_version_says_so(tmp_path: Path) -> None:
    facts = {"version": VERSION + 1, "stage": "fuse", "something": "that we do not know"}
    save_file({"weight:a": torch.zeros(2)}, tmp_path / "c", metadata={"sensorgraph": json.dumps(facts)})
    with pytest.raises(FileFormatError, match=rf"newer sensorgraph; update the package \(got version {VERSION + 1}\)"):
        load_checkpoint(tmp_path / "c")


@pytest.mark.parametrize("step_name", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_an_end_while_writing_keeps_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step_name: str, error: BaseException
) -> None:
    model, _ = trained()
    save_checkpoint(tmp_path / "c", model, PROGRESS)

    def ends(*_: object) -> None:
        raise error

    monkeypatch.setattr(atomic.os, step_name, ends)
    with pytest.raises(type(error)):
        save_checkpoint(tmp_path / "c", nn.Linear(1, 1), Progress("finetune", 9))
    assert load_checkpoint(tmp_path / "c").progress == PROGRESS


def test_weights_of_another_network_are_refused() -> None:
    model, _ = trained()
    weights = dict(model.state_dict())
    weights["0.weight"] = torch.zeros(5, 3)
    weights["head"] = weights.pop("2.bias")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(FileFormatError) as caught:
        restore_weights(model, weights, "run/model.safetensors")
    assert str(caught.value) == (
        "run/model.safetensors: does not fit the model of the run file; start a new run "
        "(missing 2.bias; unknown head; 0.weight has shape (5, 3), not (4, 3))"
    )
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
