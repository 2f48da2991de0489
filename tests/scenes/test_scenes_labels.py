"""Labels can be compared, whatever arrays they hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sensorgraph.scenes import Labels, Pair


def test_labels_are_equal_when_all_they_say_is() -> None:
    pair = Pair("high", "low", overflow_s=np.array([1.0, 2.0]))
    same, later = (replace(pair, overflow_s=np.array(times)) for times in ([1.0, 2.0], [1.0, 3.0]))
    fewer = replace(pair, overflow_s=np.array([1.0]))
    assert Labels(pairs=(pair,)) == Labels(pairs=(same,))
    assert Labels(pairs=(pair,)) != Labels(pairs=(later,))
    assert Labels(pairs=(pair,)) != Labels(pairs=(fewer,))
    assert pair != replace(pair, msb="other")
    assert pair != "high"
    assert hash(pair) == hash(same)
    assert len({pair, same}) == 1
