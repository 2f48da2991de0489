"""A fitted detector in a folder: numbers as safetensors, the rest as JSON; written whole, read without pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from sensorgraph.detector.fitted import FittedNetwork
from sensorgraph.detector.held_out import new_messages
from sensorgraph.detector.residuals import ChannelNetwork
from sensorgraph.detector.standard import Standard
from sensorgraph.detector.trained import Trained
from sensorgraph.errors import FileFormatError
from sensorgraph.models.joint_windows import JointWindows
from sensorgraph.models.own_past import OwnPast
from sensorgraph.scenes.atomic import atomic_folder, settled_folder
from sensorgraph.scoring.smoothing import Usual
from sensorgraph.scoring.surprise import Surprise

ARRAYS, FACTS = "detector.safetensors", "detector.json"
VERSION = 3


def write_trained(folder: Path, trained: Trained, arguments: Mapping[str, Any]) -> None:
    """Write a fitted detector and the arguments that it was made with.

    Raises:
        OSError: the disk is full or closed; what was there before is as it was.
    """
    network, surprise = trained.fitted.network, trained.fitted.surprise
    windows = network.windows
    arrays = {
        "periods_s": trained.periods_s,
        **{f"usual.{name}": value for name, value in vars(trained.usual).items() if name != "power"},
        "scores": trained.scores,
        **{f"standard.{name}": value for name, value in vars(network.standard).items()},
        **{f"surprise.{name}": value for name, value in vars(surprise).items()},
        **{f"messages.{name}": value.numpy() for name, value in network.messages.state_dict().items()},
        **{f"past.{name}": value.numpy() for name, value in network.past.state_dict().items()},
        **({f"windows.{name}": value.numpy() for name, value in windows.state_dict().items()} if windows else {}),
    }
    facts = {
        "version": VERSION,
        "names": list(trained.names),
        "period_s": trained.period_s,
        "step_s": trained.step_s,
        "distance": trained.fitted.distance,
        "power": trained.usual.power,
        "arguments": dict(arguments),
    }
    with atomic_folder(folder) as place:
        (place / ARRAYS).write_bytes(save({name: np.ascontiguousarray(value) for name, value in arrays.items()}))
        (place / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def is_saved(folder: Path) -> bool:
    """Whether a folder holds a fitted detector."""
    return (settled_folder(folder) / FACTS).is_file()


def read_trained(folder: Path) -> tuple[Trained, dict[str, Any]]:
    """Read what `write_trained` wrote.

    Raises:
        FileFormatError: missing, damaged or of a newer version.
    """
    place = settled_folder(folder)
    try:
        facts = json.loads((place / FACTS).read_text(encoding="utf-8"))
        version = int(facts["version"])
        if version > VERSION:
            raise FileFormatError(f"{folder}: written by a newer sensorgraph; update the package (got {version})")
        if version < VERSION:
            raise FileFormatError(
                f"{folder}: written by an older sensorgraph; fit again with this one and save (got version {version})"
            )
        arrays = load_file(place / ARRAYS)
        size = len(facts["names"])
        messages, past, windows = new_messages(size), OwnPast(size), None
        if "windows.covariance" in arrays:
            windows = JointWindows(size, num_lags=len(arrays["windows.covariance"]) // size - 1)
        for name, module in (("messages.", messages), ("past.", past), ("windows.", windows)):
            if module is None:
                continue
            module.load_state_dict({key: torch.from_numpy(value) for key, value in _below(name, arrays).items()})
        network = ChannelNetwork(Standard(**_below("standard.", arrays)), messages, past, windows)
        network.prepare()
        fitted = FittedNetwork(network, Surprise(**_below("surprise.", arrays)), float(facts["distance"]))
        period_s, step_s = float(facts["period_s"]), float(facts["step_s"])
        usual = Usual(**_below("usual.", arrays), power=float(facts["power"]))
        names, periods_s, scores = tuple(facts["names"]), arrays["periods_s"], arrays["scores"]
        return Trained(fitted, names, period_s, periods_s, step_s, usual, scores), dict(facts["arguments"])
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(
            f"{folder}: no fitted detector, or a damaged one; fit and save again ({error})"
        ) from error


def _below(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
