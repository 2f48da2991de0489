"""What was found about a recording of unlabelled words: the record that `sensorgraph.read_words` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from sensorgraph.typing import ChannelType
from sensorgraph.words.found_json import from_text, to_text

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

Encoding = Literal["u32", "i32", "f32"]
FieldKind = Literal["value", "counter", "flag", "msb", "lsb"]
Reason = Literal[
    "msb never moves",
    "changes by more than 2^16 per sample",
    "two redundant partners",
    "constant",
    "too short",
]

TYPE_NAMES: dict[ChannelType, str] = {
    ChannelType.ONE_WORD: "one word",
    ChannelType.TWO_WORD: "two word",
    ChannelType.COMPLEX_BITS: "complex bits",
}


class Pair(NamedTuple):
    """Two channels that are the halves of one 32-bit value.

    Attributes:
        msb, lsb: channel numbers.
        probability: that this is so, 0..1.
        lag_samples: by how many of its own samples the low word is late (negative: early).
        encoding: how the 32 bits are to be read.

    Example:
        >>> msb, lsb, *_ = Pair(3, 1, 0.99, 0, "i32")
    """

    msb: int
    lsb: int
    probability: float
    lag_samples: int
    encoding: Encoding


class Field(NamedTuple):
    """A run of bits of one word that belong together, both ends included; bit 0 is the least significant.

    Example:
        >>> first_bit, last_bit, kind = Field(8, 8, "flag")
    """

    first_bit: int
    last_bit: int
    kind: FieldKind


class Abstention(NamedTuple):
    """A channel about which something cannot be told, and why.

    Example:
        >>> Abstention(4, "constant").reason
        'constant'
    """

    channel: int
    reason: Reason


@dataclass(frozen=True, eq=False)
class WordsFound:
    """What N channels of 16-bit words are.

    Attributes:
        channel_type: [N] int64, numbers of `ChannelType`: 0 one word, 1 two word, 2 complex bits.
        type_probability: [N, 3] float64, rows add up to 1 (of four digits).
        pairs: halves of 32-bit values; each channel is in at most one.
        overflow: per pair, the samples on the MSB's clock at which the value passes a multiple of 2^16, [n] int64.
        word_overflow: per channel, the samples at which a word of its own rolls over (a counter, an angle), [n]
            int64; empty for halves and for words that do not.
        live_bits: [N] uint16, bits that ever change.
        flag_bits: [N] uint16, bits that are truths of their own.
        fields: per channel, lowest first.
        abstentions: what cannot be told, and why; a channel can be named more than once.

    Example:
        >>> import numpy as np
        >>> from sensorgraph.words import WordChannel, read_words_classical
        >>> value = (7e6 + 9e5 * np.sin(np.arange(4000) / 300)).astype(np.uint32)
        >>> found = read_words_classical([WordChannel((value >> s).astype(np.uint16), 50.0) for s in (0, 16)])
        >>> print(found.to_dataframe()[["type", "partner", "fields"]])
               type  partner    fields
        0  two word        1  0-15 lsb
        1  two word        0  0-15 msb
        >>> WordsFound.from_json(found.to_json()).pairs == found.pairs
        True
    """

    channel_type: np.ndarray
    type_probability: np.ndarray
    pairs: tuple[Pair, ...]
    overflow: tuple[np.ndarray, ...]
    word_overflow: tuple[np.ndarray, ...]
    live_bits: np.ndarray
    flag_bits: np.ndarray
    fields: tuple[tuple[Field, ...], ...]
    abstentions: tuple[Abstention, ...]

    @property
    def num_channels(self) -> int:
        return len(self.channel_type)

    def to_json(self) -> str:
        """The interface description as text that a person can read, too; nothing is lost."""
        return to_text(self)

    @staticmethod
    def from_json(text: str) -> WordsFound:
        """The record of a text that `to_json` wrote.

        Raises:
            FileFormatError: it is no such text, or of a newer version.
        """
        plain = from_text(text)
        num = len(plain.channel_type)
        return WordsFound(
            channel_type=np.array(plain.channel_type, np.int64),
            type_probability=np.array(plain.type_probability, np.float64).reshape(num, len(ChannelType)),
            pairs=tuple(Pair(*pair) for pair in plain.pairs),
            overflow=tuple(np.array(samples, np.int64) for samples in plain.overflow),
            word_overflow=tuple(np.array(samples, np.int64) for samples in plain.word_overflow),
            live_bits=np.array(plain.live_bits, np.uint16),
            flag_bits=np.array(plain.flag_bits, np.uint16),
            fields=tuple(tuple(Field(*field) for field in fields) for fields in plain.fields),
            abstentions=tuple(Abstention(*abstention) for abstention in plain.abstentions),
        )

    def to_dataframe(self) -> pd.DataFrame:
        """One row per channel: type, probability of it, partner, bits, fields, roll-overs, what cannot be told."""
        import pandas as pd

        rows = []
        partner = {half: pair for pair in self.pairs for half in (pair.msb, pair.lsb)}
        count = {pair: len(samples) for pair, samples in zip(self.pairs, self.overflow, strict=True)}
        for channel, kind in enumerate(self.channel_type.tolist()):
            pair = partner.get(channel)
            rows.append(
                {
                    "channel": channel,
                    "type": TYPE_NAMES[ChannelType(kind)],
                    "type_probability": float(self.type_probability[channel, kind]),
                    "partner": (pair.lsb if pair.msb == channel else pair.msb) if pair else None,
                    "pair_probability": pair.probability if pair else None,
                    "lag_samples": pair.lag_samples if pair else None,
                    "encoding": pair.encoding if pair else None,
                    "num_rollovers": count[pair] if pair else len(self.word_overflow[channel]),
                    "live_bits": f"{int(self.live_bits[channel]):016b}",
                    "flag_bits": f"{int(self.flag_bits[channel]):016b}",
                    "fields": ", ".join(f"{first}-{last} {kind}" for first, last, kind in self.fields[channel]),
                    "cannot_tell": "; ".join(reason for number, reason in self.abstentions if number == channel),
                }
            )
        frame = pd.DataFrame(rows)
        return frame.astype({"partner": "Int64", "pair_probability": "float64", "lag_samples": "Int64"})

    def to_networkx(self) -> nx.DiGraph:
        """Channels as nodes, pairs as links from MSB to LSB."""
        import networkx as nx

        graph = nx.DiGraph()
        for row in self.to_dataframe().to_dict("records"):
            graph.add_node(row["channel"], type=row["type"], type_probability=row["type_probability"])
        for pair, samples in zip(self.pairs, self.overflow, strict=True):
            graph.add_edge(
                pair.msb,
                pair.lsb,
                probability=pair.probability,
                lag_samples=pair.lag_samples,
                encoding=pair.encoding,
                num_rollovers=len(samples),
            )
        return graph
