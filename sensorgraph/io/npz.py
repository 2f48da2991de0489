"""Re-packed public recordings: numpy archives of words with known truth, and of labelled telemetry."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.io.columns import float32_of
from sensorgraph.io.label_columns import anomalies_of, flags_of
from sensorgraph.scenes import Anomaly, ChannelLabel, Labels, Pair, Recording, Sensor
from sensorgraph.typing import ChannelType

_WORD_TRUTH = ("channel_type", "pairs", "overflow", "overflow_ptr", "used_bits", "flag_bits")
_WORD_ARRAYS = ("values", "ptr", "rate_hz", "seconds", *_WORD_TRUTH)


@dataclass(frozen=True)
class TrainTest:
    """A recording for training and one for testing, as their publishers split them."""

    train: Recording
    test: Recording


def read_train_test(path: str | Path, rate_hz: float, id: str | None = None) -> TrainTest:
    """An archive with the arrays ``train`` and ``test`` [T, N] and ``label`` [T], such as SMD and ASD are kept in.

    Channels are called ``dim_01`` and so on, counted from 1 as in the lists of root causes. Such a list,
    ``NAME.root_cause.txt`` beside the archive with lines ``first_row-last_row:dim,dim,...``, gives every anomaly
    that it overlaps its root cause.

    Args:
        path: the ``.npz`` file.
        rate_hz: of the rows; the archive does not say.
        id: default: the file's name; ``/train`` and ``/test`` are added.

    Raises:
        FileFormatError: the archive is missing, empty, truncated or foreign.
        DataError: shapes disagree, labels are not 0 or 1, a line of root causes cannot be read.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "machine.npz"
        >>> np.savez(path, train=np.zeros((9, 2)), test=np.zeros((6, 2)), label=np.array([0, 0, 1, 1, 0, 0]))
        >>> pair = read_train_test(path, rate_hz=1.0)
        >>> pair.train.id, [(anomaly.start_s, anomaly.end_s) for anomaly in pair.test.labels.anomalies]
        ('machine/train', [(2.0, 4.0)])
    """
    path = Path(path)
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise DataError(f"{path}: rate_hz must be positive (got {rate_hz})")
    with _opened(path, ("train", "test", "label")) as archive:
        train, test, label = archive["train"], archive["test"], archive["label"]
    if train.ndim != 2 or test.ndim != 2 or train.shape[1] != test.shape[1] or label.shape != test.shape[:1]:
        raise DataError(
            f"{path}: train and test must be [T, N] with one label per row of test; repack it "
            f"(got {train.shape}, {test.shape}, {label.shape})"
        )
    if not (train.size and test.size):
        raise DataError(f"{path}: train and test must have rows and channels (got {train.shape}, {test.shape})")
    name = path.stem if id is None else id
    flags = flags_of(label.astype(np.float64), f"{path}, label")
    anomalies = anomalies_of(flags, np.arange(len(flags)) / rate_hz, 1 / rate_hz, "anomaly")
    causes = path.with_name(f"{path.stem}.root_cause.txt")
    if causes.is_file():
        anomalies = tuple(_with_causes(anomalies, causes, rate_hz, num_channels=test.shape[1]))
    return TrainTest(
        _recording(f"{name}/train", train, rate_hz, str(path)),
        replace(_recording(f"{name}/test", test, rate_hz, str(path)), labels=Labels(anomalies=anomalies)),
    )


def read_words(path: str | Path, id: str | None = None) -> Recording:
    """An archive of 16-bit words with known types, pairs and bits, such as ``shared/data/words`` holds.

    Channels are called ``ch_000`` and so on. Every channel is taken to start at 0 s and to be regular.

    Raises:
        FileFormatError: the archive is missing, empty, truncated or foreign.
        DataError: its arrays contradict each other.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "counter.npz"
        >>> count = np.arange(65534, 65538, dtype=np.uint32)
        >>> words = np.concatenate([count >> 16, count & 0xFFFF]).astype(np.uint16)
        >>> np.savez(path, values=words, ptr=np.array([0, 4, 8]), pairs=np.array([[0, 1]]),
        ...          rate_hz=np.array([10.0, 10.0]), seconds=0.4, channel_type=np.array([1, 1]),
        ...          used_bits=np.array([1, 0xFFFF]), flag_bits=np.array([0, 0]), overflow=np.array([2]),
        ...          overflow_ptr=np.array([0, 1]))
        >>> pair = read_words(path).labels.pairs[0]
        >>> pair.msb, pair.lsb, pair.overflow_s.tolist()
        ('ch_000', 'ch_001', [0.2])
    """
    path = Path(path)
    with _opened(path, _WORD_ARRAYS) as archive:
        data = {name: archive[name] for name in archive.files}
    ptr, rates_hz = data["ptr"], data["rate_hz"]
    num_channels = len(rates_hz)
    if data["values"].dtype != np.uint16 or len(ptr) != num_channels + 1 or ptr[-1] != len(data["values"]):
        raise DataError(
            f"{path}: ptr must divide the words of {num_channels} channels; repack it (got {ptr.tolist()[:5]})"
        )
    ids = [f"ch_{number:03d}" for number in range(num_channels)]
    streams = tuple(
        Sensor(ids[number], float(rates_hz[number]), data["values"][ptr[number] : ptr[number + 1]])
        for number in range(num_channels)
    )
    channels = {
        ids[number]: ChannelLabel(
            ChannelType(int(data["channel_type"][number])),
            used_bits=int(data["used_bits"][number]),
            flag_bits=int(data["flag_bits"][number]),
        )
        for number in range(num_channels)
    }
    pairs = []
    for number, (msb, lsb) in enumerate(data["pairs"].tolist()):
        samples = data["overflow"][data["overflow_ptr"][number] : data["overflow_ptr"][number + 1]]
        pairs.append(Pair(ids[msb], ids[lsb], overflow_s=samples / rates_hz[msb]))
    ends_s = [stream.num_samples / stream.rate_hz for stream in streams]
    return Recording(
        path.stem if id is None else id,
        max(float(data["seconds"]), *ends_s),
        streams,
        Labels(channels=channels, pairs=tuple(pairs)),
    )


def is_words(path: str | Path) -> bool:
    """Whether an archive holds what `read_words` reads."""
    with _opened(Path(path), ()) as archive:
        return set(_WORD_ARRAYS) <= set(archive.files)


def read_rows(path: str | Path, name: str) -> np.ndarray | None:
    """Rows [T, C] of an archive: its array of that name, else its only one with two axes; None for words.

    Raises:
        FileFormatError: the archive is missing, empty, truncated, or does not say which array is meant.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "machine.npz"
        >>> np.savez(path, train=np.zeros((9, 2)), test=np.zeros((6, 2)))
        >>> read_rows(path, "test").shape
        (6, 2)
    """
    path = Path(path)
    with _opened(path, ()) as archive:
        if set(_WORD_ARRAYS) <= set(archive.files):
            return None
        if name in archive.files:
            return archive[name]
        found = {key: archive[key] for key in archive.files}
        tables = [key for key, array in found.items() if array.ndim == 2]
        if len(tables) != 1:
            raise FileFormatError(
                f"{path}: must hold an array '{name}' or one array of rows and channels (got {', '.join(found)})"
            )
        return found[tables[0]]


@contextmanager
def _opened(path: Path, wanted: tuple[str, ...]) -> Iterator[Any]:
    if not path.is_file():
        raise FileFormatError(f"{path}: {'is a folder; name the file' if path.is_dir() else 'does not exist'}")
    try:
        # Opened here, because numpy leaves the file open when the archive turns out to be broken.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            missing = [name for name in wanted if name not in archive.files]
            if missing:
                raise FileFormatError(
                    f"{path}: array {', '.join(map(repr, missing))} is missing; it is no archive of this kind "
                    f"(got {', '.join(archive.files)})"
                )
            yield archive
    except (zipfile.BadZipFile, EOFError, ValueError, TypeError) as error:
        if isinstance(error, DataError):
            raise
        raise FileFormatError(f"{path}: cannot be read as .npz, copy it again (got {error})") from error


def _recording(name: str, rows: np.ndarray, rate_hz: float, place: str) -> Recording:
    streams = tuple(
        Sensor(
            f"dim_{number + 1:02d}",
            rate_hz,
            float32_of(np.ascontiguousarray(rows[:, number]), f"{place}, channel {number + 1}"),
        )
        for number in range(rows.shape[1])
    )
    return Recording(name, len(rows) / rate_hz, streams)


def _with_causes(anomalies: tuple[Anomaly, ...], path: Path, rate_hz: float, num_channels: int) -> Iterator[Anomaly]:
    spans = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            rows, causes = line.split(":")
            first, last = (int(row) for row in rows.split("-"))
            dims = [int(dim) for dim in causes.split(",")]
        except ValueError as error:
            raise DataError(f"{path}, line {number}: must read 'first-last:dim,dim,...' (got {line!r})") from error
        if not all(1 <= dim <= num_channels for dim in dims):
            raise DataError(f"{path}, line {number}: dims must lie within 1 and {num_channels} (got {line!r})")
        # Some publishers count the last row in and some do not; labelled runs lie a row apart, so this fits both.
        spans.append((first / rate_hz, (last + 1) / rate_hz, dims))
    for anomaly in anomalies:
        hits = [dims for start_s, end_s, dims in spans if start_s < anomaly.end_s and end_s > anomaly.start_s]
        ids = tuple(f"dim_{dim:02d}" for dim in sorted({dim for dims in hits for dim in dims}))
        yield replace(anomaly, root_cause=ids, affected=ids)
