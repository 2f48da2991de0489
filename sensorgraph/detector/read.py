"""Whatever a user has, as telemetry with the channels that the detector knows."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from sensorgraph.detector.of_recording import of_recording
from sensorgraph.detector.of_table import of_array, of_frame
from sensorgraph.detector.telemetry import Telemetry
from sensorgraph.errors import DataError, DataWarning, UnknownNameError
from sensorgraph.io.npz import read_rows
from sensorgraph.io.open import is_table, open_recording
from sensorgraph.io.table import LABEL_COLUMNS
from sensorgraph.io.table_rows import read_frame
from sensorgraph.scenes import Recording

Role = Literal["train", "test"]

_SHOWN = 12


def read(source: Any, role: Role, rate_hz: float | None) -> Telemetry:
    """Telemetry of an array, a data frame, a recording, or a file.

    Args:
        source: what the user has; an ``.npz`` archive of rows gives its array ``train`` or ``test`` (or its only one).
        role: what it is for.
        rate_hz: of rows without time stamps.

    Raises:
        DataError: it holds no usable rows; see `of_array`, `of_frame`, `of_recording`.
        FileFormatError: a file that cannot be read.
    """
    if isinstance(source, str | Path):
        path = Path(source)
        if path.suffix == ".npz" and (rows := read_rows(path, role)) is not None:
            return of_array(rows, rate_hz, str(path))
        if not path.is_dir() and is_table(path):
            table = read_frame(path, None, ".")
            # In files these are never channels, as `read_table` says.
            return of_frame(table.drop(columns=[*LABEL_COLUMNS], errors="ignore"), rate_hz, str(path))
        return of_recording(open_recording(path), str(path))
    if isinstance(source, Recording):
        return of_recording(source, role)
    if isinstance(source, pd.DataFrame):
        return of_frame(source, rate_hz, role)
    return of_array(source, rate_hz, role)


def aligned(telemetry: Telemetry, names: tuple[str, ...]) -> Telemetry:
    """The same with the channels in the order of training.

    Args:
        telemetry: of the test.
        names: of the channels of training.

    Raises:
        DataError: no channel that training knew, or another number of channels where these have no names.
        UnknownNameError: a channel that training did not know.

    Warns:
        DataWarning: channels of training that are missing; they count as absent.
    """
    if telemetry.names == names:
        return telemetry
    if not telemetry.named:
        if len(telemetry.names) == len(names):
            return replace(telemetry, names=names)
        raise DataError(
            f"test: must have the {len(names)} channels of training, in their order; give tables with column names "
            f"where channels may be missing (got {len(telemetry.names)})"
        )
    place = {name: number for number, name in enumerate(names)}
    unknown = [name for name in telemetry.names if name not in place]
    if unknown:
        raise UnknownNameError(
            f"test: {_listed(unknown)} not known from training; leave it out, or fit again "
            f"(known: {_listed(list(names))})"
        )
    missing = [name for name in names if name not in telemetry.names]
    if len(missing) == len(names):
        raise DataError(f"test: none of the channels of training is there (known: {_listed(missing)})")
    if missing:
        warnings.warn(f"test: {_listed(missing)} missing; scored without", DataWarning, stacklevel=4)
    number = np.array([place[name] for name in telemetry.names])
    groups = tuple(replace(group, channels=number[group.channels]) for group in telemetry.groups)
    return replace(telemetry, names=names, groups=groups)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more
