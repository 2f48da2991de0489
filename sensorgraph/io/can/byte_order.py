"""In which order the bytes of a frame make words: asked of the carries between them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import xlogy

ByteOrder = Literal["little", "big"]
ByteOrderChoice = Literal["auto", "little", "big"]

_ENOUGH_NATS = 10.0
"""Evidence below this is left to the rest of the log; chance alone seldom gives more than 5."""


def carry_evidence(payloads: np.ndarray) -> float:
    r"""How much more the carries speak for big-endian words than for little-endian ones (nats).

    Where the low byte of a number rolls over, its high byte goes up or down by one in the same sample. The evidence of
    an order is the number of frames times the mutual information of both, :math:`\sum_{a,b} n_{ab} \ln \frac{n_{ab}
    n}{n_a n_b}`, where *a* is the carry that the low byte asks for and *b* the step of the high byte. Bytes that are no
    halves of one number know nothing of each other, in neither order.

    Args:
        payloads: [F, W] uint8, whole frames of one id in order.

    Returns:
        Positive for big-endian, negative for little-endian, 0 if nothing can be told.

    Example:
        >>> count = (np.arange(5000) * 37).astype(">u2")
        >>> carry_evidence(count.view(np.uint8).reshape(-1, 2)) > 100
        True
    """
    step = np.diff(payloads.astype(np.int16), axis=0)
    total = 0.0
    for first in range(0, payloads.shape[1] - 1, 2):
        total += _information(step[:, first + 1], step[:, first]) - _information(step[:, first], step[:, first + 1])
    return total


def byte_order_of(evidence: float, evidence_of_log: float) -> ByteOrder:
    """The order for a frame id: its own carries decide, else those of the whole log, else little-endian.

    Little-endian ("Intel") without evidence because most signals of public DBC files are.

    Example:
        >>> byte_order_of(3.0, -200.0), byte_order_of(40.0, -200.0), byte_order_of(0.0, 0.0)
        ('little', 'big', 'little')
    """
    deciding = evidence if abs(evidence) >= _ENOUGH_NATS else evidence_of_log
    return "big" if deciding >= _ENOUGH_NATS else "little"


def _information(low_step: np.ndarray, high_step: np.ndarray) -> float:
    """Nats that carries out of the low byte tell about the high byte; 0 where they ask for the opposite."""
    carry = np.where(low_step <= -128, 1, np.where(low_step >= 128, -1, 0))
    wrapped = (high_step + 128) % 256 - 128
    met = np.where(np.abs(wrapped) <= 1, wrapped, 2)
    counts = np.zeros((3, 4))
    np.add.at(counts, (carry + 1, met + 1), 1)
    if counts[0, 0] + counts[2, 2] <= counts[0, 2] + counts[2, 0]:
        return 0.0
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    return float(xlogy(counts, counts).sum() - xlogy(counts, rows * columns / counts.sum()).sum())
