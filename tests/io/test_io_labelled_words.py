"""Recordings of words with known truth are read whole, or refused with the entry that is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensorgraph.errors import FileFormatError
from sensorgraph.io.labelled_words import read_labelled_words
from sensorgraph.words.labelled import edges_of


def entries() -> dict[str, np.ndarray]:
    value = (70_000 * np.arange(100)).astype(np.uint32)
    flag = (np.arange(50) // 9 % 2 << 3).astype(np.uint16)
    values = np.concatenate([(value >> 16).astype(np.uint16), (value & 0xFFFF).astype(np.uint16), flag])
    return {
        "values": values,
        "ptr": np.array([0, 100, 200, 250]),
        "rate_hz": np.array([10.0, 10.0, 5.0]),
        "channel_type": np.array([1, 1, 2]),
        "pairs": np.array([[0, 1]]),
        "identifiable": np.array([True]),
        "overflow": np.arange(1, 100),
        "overflow_ptr": np.array([0, 99]),
        "used_bits": np.array([0xFFFF, 0xFFFF, 0b111_1000]),
        "flag_bits": np.array([0, 0, 0b1000]),
    }


def test_a_recording_and_its_truth(tmp_path: Path) -> None:
    np.savez(tmp_path / "car_one.npz", **entries())
    found = read_labelled_words(tmp_path / "car_one.npz")
    assert (found.name, found.source, found.pairs, found.identifiable) == ("car_one", "car", ((0, 1),), (True,))
    assert [len(channel.values) for channel in found.channels] == [100, 100, 50]
    assert found.begins.tolist() == [0, 0, edges_of(0b111_1000, 0b1000)]
    # Bits 4 to 6 may be one field or several: whether 5 or 6 begins one is not known.
    assert found.begins_known.tolist() == [0xFFFE, 0xFFFE, 0xFFFE & ~0b110_0000]


def test_edges_of_flags_and_runs() -> None:
    assert edges_of(0xFFFF, 0) == 0
    assert edges_of(0b1100, 0) == 0b1_0100
    assert edges_of(0b1111, 0b0001) == 0b1_0010


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"no \.npz file"):
        read_labelled_words(tmp_path / "missing.npz")
    (tmp_path / "text.npz").write_text("words")
    with pytest.raises(FileFormatError, match=r"no \.npz file"):
        read_labelled_words(tmp_path / "text.npz")
    part = {name: value for name, value in entries().items() if name not in ("pairs", "flag_bits")}
    np.savez(tmp_path / "part.npz", **part)
    with pytest.raises(FileFormatError, match="has no pairs, flag_bits"):
        read_labelled_words(tmp_path / "part.npz")
    np.savez(tmp_path / "whole.npz", **entries())
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:300])
    with pytest.raises(FileFormatError, match=r"no \.npz file"):
        read_labelled_words(tmp_path / "cut.npz")
