"""Small log files in the formats of other tools, for tests of what reads them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sensorgraph.io.extras import import_extra
from sensorgraph.io.ulog import ULOG_START


def write_bus_mdf(
    path: Path,
    time_s: np.ndarray,
    frame_id: np.ndarray,
    payloads: np.ndarray,
    length: np.ndarray,
    bus: np.ndarray | None = None,
    extended: np.ndarray | None = None,
) -> None:
    """Write CAN frames as ASAM MDF 4 bus logging, in one group.

    Shapes: ``time_s``, ``frame_id``, ``length``, ``bus``, ``extended`` [F], ``payloads`` [F, W] uint8.
    """
    asammdf = import_extra("asammdf", "mdf", f"{path}: writing an MDF file")
    columns: dict[str, np.ndarray] = {
        "BusChannel": np.ones(len(time_s), np.uint8) if bus is None else bus.astype(np.uint8),
        "ID": frame_id.astype(np.uint32),
        "IDE": np.zeros(len(time_s), np.uint8) if extended is None else extended.astype(np.uint8),
        "DataLength": length.astype(np.uint8),
        "DataBytes": payloads,
    }
    layout = [(f"CAN_DataFrame.{name}", values.dtype, values.shape[1:]) for name, values in columns.items()]
    frames = np.zeros(len(time_s), layout)
    for name, values in columns.items():
        frames[f"CAN_DataFrame.{name}"] = values
    with asammdf.MDF(version="4.10") as file:
        file.append([asammdf.Signal(frames, time_s, name="CAN_DataFrame")])
        # The library puts an ending of its own where it finds none that it knows.
        file.save(path.with_suffix(".mf4"), overwrite=True)
    path.with_suffix(".mf4").replace(path)


def ulog_message(kind: bytes, payload: bytes) -> bytes:
    """One message of a ULog file."""
    return struct.pack("<Hc", len(payload), kind) + payload


def write_ulog(path: Path, topic: str, fields: str, samples: Sequence[bytes], num_instances: int = 1) -> None:
    """Write one topic as ULog.

    Args:
        path: of the file.
        topic: its name.
        fields: its definition, such as ``uint64_t timestamp;float x;``.
        samples: packed as defined, the first 8 bytes being the time stamp in microseconds.
        num_instances: of the topic, each with the same samples.
    """
    content = ULOG_START + bytes(9) + ulog_message(b"F", f"{topic}:{fields}".encode())
    for number in range(num_instances):
        content += ulog_message(b"A", struct.pack("<BH", number, number) + topic.encode())
    for sample in samples:
        for number in range(num_instances):
            content += ulog_message(b"D", struct.pack("<H", number) + sample)
    path.write_bytes(content)
