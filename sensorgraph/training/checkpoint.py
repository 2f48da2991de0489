"""Checkpoints: safetensors plus JSON in one file, written atomically; no pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from sensorgraph.errors import FileFormatError
from sensorgraph.scenes.atomic import write_atomically

VERSION = 1


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Attributes:
        stage: the stage that was running.
        next_epoch: the first epoch of the stage that is still to do.
        best_loss: smallest validation loss of the stage so far.
        epochs_without_gain: epochs since then.
        finished: the stage is complete.
    """

    stage: str
    next_epoch: int
    best_loss: float = float("inf")
    epochs_without_gain: int = 0
    finished: bool = False


@dataclass(frozen=True)
class Checkpoint:
    """What is needed to go on.

    Attributes:
        weights: of the model.
        optimizer: its state; empty when the stage is finished.
        progress: how far the run has come.
        random: state of torch's global generator on the CPU; None where the stage is finished, or in files of before.
    """

    weights: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    progress: Progress
    random: Tensor | None = None


def save_checkpoint(
    path: Path, model: nn.Module, progress: Progress, optimizer: torch.optim.Optimizer | None = None
) -> None:
    """Write a checkpoint; a kill or a full disk leaves the previous one.

    With an optimizer, the state of torch's global generator goes with it: whoever goes on draws what would have come.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "checkpoint.safetensors"
        >>> save_checkpoint(path, nn.Linear(2, 1), Progress("fuse", next_epoch=3))
        >>> sorted(load_checkpoint(path).weights)
        ['bias', 'weight']
    """
    tensors = {f"weight:{name}": value.detach().contiguous() for name, value in model.state_dict().items()}
    if optimizer is not None:
        for number, state in optimizer.state_dict()["state"].items():
            for name, value in state.items():
                tensors[f"optimizer:{number}:{name}"] = torch.as_tensor(value).contiguous()
        tensors["random:torch"] = torch.get_rng_state()
    write_atomically(
        path, save(tensors, metadata={"sensorgraph": json.dumps({"version": VERSION, **asdict(progress)})})
    )


def load_checkpoint(path: Path) -> Checkpoint:
    """Read what `save_checkpoint` wrote.

    Raises:
        FileFormatError: missing, truncated, foreign or of a newer version.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "checkpoint.safetensors"
        >>> save_checkpoint(path, nn.Linear(2, 1), Progress("fuse", next_epoch=3))
        >>> load_checkpoint(path).progress.next_epoch
        3
    """
    weights: dict[str, Tensor] = {}
    optimizer: dict[str, Tensor] = {}
    random: dict[str, Tensor] = {}
    kinds = {"weight": weights, "optimizer": optimizer, "random": random}
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {})["sensorgraph"])
            version = int(facts.pop("version"))
            for key in file.keys():  # noqa: SIM118 - a safetensors handle is no mapping
                kind, name = key.split(":", 1)
                kinds[kind][name] = file.get_tensor(key)
    except (OSError, SafetensorError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise FileFormatError(f"{path}: not a checkpoint of sensorgraph; train again (got {error})") from error
    if version > VERSION:
        raise FileFormatError(f"{path}: written by a newer sensorgraph; update the package (got version {version})")
    return Checkpoint(weights, optimizer, Progress(**facts), random.get("torch"))


def restore_weights(model: nn.Module, weights: Mapping[str, Tensor], place: str) -> None:
    """Load weights that must fit exactly.

    Raises:
        FileFormatError: names or shapes differ from the model that the run file describes.

    Example:
        >>> model = nn.Linear(2, 1)
        >>> restore_weights(model, {"weight": torch.ones(1, 2), "bias": torch.zeros(1)}, "model.safetensors")
        >>> model(torch.ones(2)).item()
        2.0
    """
    own = model.state_dict()
    problems = [f"missing {name}" for name in own if name not in weights]
    problems += [f"unknown {name}" for name in weights if name not in own]
    problems += [
        f"{name} has shape {tuple(weights[name].shape)}, not {tuple(value.shape)}"
        for name, value in own.items()
        if name in weights and weights[name].shape != value.shape
    ]
    if problems:
        raise FileFormatError(
            f"{place}: does not fit the model of the run file; start a new run ({'; '.join(problems[:3])})"
        )
    model.load_state_dict(dict(weights))


def restore_optimizer(optimizer: torch.optim.Optimizer, saved: Mapping[str, Tensor]) -> None:
    """Give an optimizer over the same parameters its state back."""
    state: dict[int, dict[str, Any]] = {}
    for key, value in saved.items():
        number, name = key.split(":")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
