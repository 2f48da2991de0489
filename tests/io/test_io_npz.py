"""Archives of words and of labelled telemetry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.io import read_train_test, read_words
from sensorgraph.scenes.check import problems_of
from sensorgraph.typing import ChannelType


def _telemetry(path: Path, **changes: Any) -> Path:
    arrays: dict[str, Any] = {
        "train": np.arange(12, dtype=np.float32).reshape(6, 2),
        "test": np.arange(16, dtype=np.float32).reshape(8, 2) ** 2,
        "label": np.uint8([0, 1, 1, 0, 0, 0, 1, 0]),
    } | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def test_train_and_test_at_the_rate_given(tmp_path: Path) -> None:
    both = read_train_test(_telemetry(tmp_path / "pump.npz"), rate_hz=0.5)
    assert (both.train.id, both.test.id) == ("pump/train", "pump/test")
    assert [stream.id for stream in both.train.streams] == ["dim_01", "dim_02"]
    np.testing.assert_array_equal(both.train.stream("dim_02").values, np.float32([1, 3, 5, 7, 9, 11]))
    assert both.test.stream("dim_01").rate_hz == 0.5
    assert both.test.duration_s == 16.0
    assert [(label.start_s, label.end_s) for label in both.test.labels.anomalies] == [(2.0, 6.0), (12.0, 14.0)]
    assert both.train.labels.anomalies == ()


def test_root_causes_beside_the_archive(tmp_path: Path) -> None:
    path = _telemetry(tmp_path / "pump.npz")
    (tmp_path / "pump.root_cause.txt").write_text("1-2:2,1\n\n6-6:2\n")
    first, second = read_train_test(path, rate_hz=1.0, id="x").test.labels.anomalies
    assert first.root_cause == ("dim_01", "dim_02")
    assert second.root_cause == ("dim_02",)
    for line in ("1-2", "a-b:1", "1-2:x"):
        (tmp_path / "pump.root_cause.txt").write_text(line)
        with pytest.raises(DataError, match="line 1: must read"):
            read_train_test(path, rate_hz=1.0)
    (tmp_path / "pump.root_cause.txt").write_text("1-2:3")
    with pytest.raises(DataError, match="dims must lie within 1 and 2"):
        read_train_test(path, rate_hz=1.0)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"label": None}, FileFormatError, "array 'label' is missing"),
        ({"label": np.zeros(7)}, DataError, "one label per row of test"),
        ({"label": np.full(8, 2)}, DataError, "row 1 must be 0 or 1"),
        ({"test": np.zeros((8, 3))}, DataError, r"train and test must be \[T, N\]"),
        ({"train": np.zeros((0, 2))}, DataError, "must have rows and channels"),
        ({"test": np.full((8, 2), 1e300)}, DataError, "too large for float32"),
        ({"train": np.array([object()])}, FileFormatError, "cannot be read as .npz"),
    ],
)
def test_contradictions(tmp_path: Path, changes: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        read_train_test(_telemetry(tmp_path / "a.npz", **changes), rate_hz=1.0)


def test_a_rate_is_positive(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="rate_hz must be positive"):
        read_train_test(_telemetry(tmp_path / "a.npz"), rate_hz=0.0)


def test_missing_empty_truncated_and_foreign_archives(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="does not exist"):
        read_words(tmp_path / "gone.npz")
    with pytest.raises(FileFormatError, match="is a folder"):
        read_words(tmp_path)
    path = _telemetry(tmp_path / "a.npz")
    with pytest.raises(FileFormatError, match="array 'values', 'ptr'"):
        read_words(path)
    data = path.read_bytes()
    for part in (b"", b"time,a\n", data[:60], data[:-30]):
        path.write_bytes(part)
        with pytest.raises(FileFormatError, match=r"cannot be read as \.npz"):
            read_train_test(path, rate_hz=1.0)
    damaged = bytearray(data)
    damaged[150] ^= 0xFF
    path.write_bytes(damaged)
    with pytest.raises(FileFormatError, match=r"cannot be read as \.npz"):
        read_train_test(path, rate_hz=1.0)


def _words(path: Path, **changes: Any) -> Path:
    arrays: dict[str, Any] = {
        "values": np.arange(30, dtype=np.uint16),
        "ptr": np.array([0, 10, 20, 30]),
        "rate_hz": np.array([10.0, 10.0, 5.0]),
        "seconds": np.array(1.0),
        "channel_type": np.int8([1, 1, 2]),
        "pairs": np.array([[1, 0]]),
        "overflow": np.array([3, 7]),
        "overflow_ptr": np.array([0, 2]),
        "used_bits": np.uint16([65535, 65535, 7]),
        "flag_bits": np.uint16([0, 0, 3]),
    }
    np.savez(path, **(arrays | changes))
    return path


def test_words_with_their_truth(tmp_path: Path) -> None:
    recording = read_words(_words(tmp_path / "car.npz"))
    assert recording.id == "car"
    assert recording.duration_s == 2.0
    assert recording.stream("ch_002").values.tolist() == list(range(20, 30))
    assert recording.stream("ch_002").is_word
    assert recording.labels.channels["ch_002"].type is ChannelType.COMPLEX_BITS
    assert recording.labels.channels["ch_002"].flag_bits == 3
    (pair,) = recording.labels.pairs
    assert (pair.msb, pair.lsb) == ("ch_001", "ch_000")
    np.testing.assert_allclose(pair.overflow_s, [0.3, 0.7])
    assert problems_of(recording) == []


def test_words_must_be_divided_completely(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="ptr must divide the words"):
        read_words(_words(tmp_path / "car.npz", ptr=np.array([0, 10, 20])))


def test_every_shared_archive_is_usable(shared_data: Path) -> None:
    words = sorted((shared_data / "words").glob("*.npz"))
    assert len(words) == 9
    for path in words:
        recording = read_words(path)
        assert problems_of(recording) == []
        assert sum(pair.overflow_s.size for pair in recording.labels.pairs) == len(np.load(path)["overflow"])


@pytest.mark.parametrize(("folder", "period_s", "num_channels"), [("smd", 60, 38), ("asd", 300, 19)])
def test_every_shared_server_is_usable(shared_data: Path, folder: str, period_s: int, num_channels: int) -> None:
    for path in sorted((shared_data / "anomaly" / folder).glob("*.npz")):
        both = read_train_test(path, rate_hz=1 / period_s)
        assert len(both.test.streams) == num_channels
        assert problems_of(both.train) + problems_of(both.test) == []
        label = np.load(path)["label"]
        assert len(both.test.labels.anomalies) == (np.diff(label, prepend=0) == 1).sum()
        labelled_s = sum(anomaly.end_s - anomaly.start_s for anomaly in both.test.labels.anomalies)
        assert labelled_s == pytest.approx(label.sum() * period_s)
        assert sum(bool(anomaly.root_cause) for anomaly in both.test.labels.anomalies) >= 4
