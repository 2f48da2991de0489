"""What a description of a bus says about its frames, without the library that read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sensorgraph.io.can.byte_order import ByteOrder
from sensorgraph.io.placed_fields import Encoding, FieldKind

ByteBit = tuple[int, int]
"""Byte of a payload, and bit of that byte (0 is the least significant)."""


@dataclass(frozen=True)
class Signal:
    """One signal of a message.

    Attributes:
        name: as the description has it.
        bits: where it lies, least significant bit first.
        encoding, kind: how its bits are read, and what they are.
        selector: name of the signal whose value says whether this one is there; None if it always is.
        selected_by: the values of the selector with which it is there.
    """

    name: str
    bits: tuple[ByteBit, ...]
    encoding: Encoding = "u32"
    kind: FieldKind = "value"
    selector: str | None = None
    selected_by: frozenset[int] = frozenset()

    def raw(self, data: np.ndarray) -> np.ndarray:
        """Its unsigned raw value in every frame.

        Shapes: ``data`` [F, W] uint8; returns [F] int64. Bits beyond W count as 0.
        """
        value = np.zeros(len(data), np.int64)
        for place, (byte, bit) in enumerate(self.bits):
            if byte < data.shape[1]:
                value |= (data[:, byte].astype(np.int64) >> bit & 1) << place
        return value


@dataclass(frozen=True)
class Message:
    """One kind of frame.

    Attributes:
        frame_id: with `EXTENDED` added where it has 29 bits.
        name: as the description has it.
        num_bytes: length that the description states.
        signals: all of them, multiplexed or not.
        is_j1939: whether it stands for the frames of a parameter group, whoever sends them.
    """

    frame_id: int
    name: str
    num_bytes: int
    signals: tuple[Signal, ...]
    is_j1939: bool = False

    def byte_order(self) -> ByteOrder | None:
        """The order of most bits of its signals that lie in several bytes; None if there is none."""
        votes = 0
        for signal in self.signals:
            bytes_used = [byte for byte, _ in signal.bits]
            votes += len(bytes_used) * int(np.sign(bytes_used[-1] - bytes_used[0]))
        return None if votes == 0 else ("little" if votes > 0 else "big")

    def selectors_of(self, bytes_of_word: range) -> tuple[str, ...]:
        """The selectors on which any signal in these bytes depends, the outermost first."""
        by_name = {signal.name: signal for signal in self.signals}
        found: dict[str, None] = {}
        for signal in self.signals:
            if any(byte in bytes_of_word for byte, _ in signal.bits):
                chain: list[str] = []
                while signal.selector is not None and signal.selector not in chain:
                    chain.insert(0, signal.selector)
                    signal = by_name[signal.selector]
                found.update(dict.fromkeys(chain))
        return tuple(found)

    def present(self, selected: Mapping[str, int]) -> list[Signal]:
        """The signals that are there when the selectors have those values."""
        by_name = {signal.name: signal for signal in self.signals}

        def is_there(signal: Signal) -> bool:
            if signal.selector is None:
                return True
            return selected.get(signal.selector, -1) in signal.selected_by and is_there(by_name[signal.selector])

        return [signal for signal in self.signals if is_there(signal)]
