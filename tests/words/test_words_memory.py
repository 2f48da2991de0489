"""Ten thousand channels: the memory they need is told before anything is computed."""

from __future__ import annotations

import numpy as np
import pytest

from sensorgraph.errors import DataError
from sensorgraph.words import WordChannel
from sensorgraph.words.memory import available_bytes, needed_bytes, require_memory


def test_too_many_channels_are_refused_with_the_memory_that_they_need() -> None:
    channel = WordChannel(np.zeros(20_000, np.uint16), 50.0)
    with pytest.raises(DataError, match=r"10000 channels need about 11\.9 GiB .* \(got 4\.0 GiB free\)"):
        require_memory([channel] * 10_000, free_bytes=4 << 30)
    require_memory([channel] * 10_000, free_bytes=16 << 30)


def test_channels_of_many_rates_need_less() -> None:
    values = np.zeros(100, np.uint16)
    same = needed_bytes([WordChannel(values, 50.0)] * 1000)
    many = needed_bytes([WordChannel(values, 50.0 + number) for number in range(1000)])
    assert many < same / 5


def test_free_memory_is_known() -> None:
    assert available_bytes() > 10_000_000
