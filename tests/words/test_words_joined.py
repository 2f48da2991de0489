"""Halves make their value again: at any rates, late or not, in any encoding."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.scenes import Sensor
from sensorgraph.words import joined_value


def _halves(bits: np.ndarray, **low: object) -> tuple[Sensor, Sensor]:
    high = Sensor("high", 10.0, (bits >> 16).astype(np.uint16))
    return high, Sensor("low", 10.0, (bits & 0xFFFF).astype(np.uint16), **low)  # type: ignore[arg-type]


@pytest.mark.parametrize(("encoding", "kind"), [("u32", np.uint32), ("i32", np.int32), ("f32", np.float32)])
def test_every_encoding_is_read(encoding: str, kind: type) -> None:
    value = np.array([1.5, 70000.25, 3e5], kind)
    found = joined_value(*_halves(value.view(np.uint32)), encoding=encoding)  # type: ignore[arg-type]
    assert found.value.tolist() == value.astype(float).tolist()
    assert found.time_s.tolist() == [0.0, 0.1, 0.2]


def test_a_negative_value_stays_negative() -> None:
    halves = _halves(np.array([-2, -70000], np.int32).view(np.uint32))
    assert joined_value(*halves, encoding="i32").value.tolist() == [-2.0, -70000.0]


def test_a_late_low_word_meets_its_own_high_word() -> None:
    bits = np.arange(0, 50 * 40000, 40000)
    high, low = _halves(bits)
    late = Sensor("low", 10.0, np.concatenate([[0, 0], low.values[:-2]]).astype(np.uint16))
    found = joined_value(high, late, lag_samples=2)
    assert found.value.tolist() == bits[:-2].tolist()
    assert found.time_s[0] == pytest.approx(0.0)


def test_a_slow_high_word_is_held_and_missing_words_are_left_out() -> None:
    high = Sensor("high", 1.0, np.uint16([1, 2]))
    low = Sensor("low", 2.0, np.uint16([0, 1, 2, 3]), valid=np.array([True, True, False, True]))
    assert joined_value(high, low).value.tolist() == [65536.0, 65537.0, 131075.0]


def test_before_the_first_high_word_there_is_no_value() -> None:
    high = Sensor("high", 1.0, np.uint16([1]), start_s=1.0)
    assert joined_value(high, Sensor("low", 1.0, np.uint16([5, 6]))).value.tolist() == [65542.0]
