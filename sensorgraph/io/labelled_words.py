"""Recordings of words with known truth, as ``.npz``: raw words one channel after the other, and what they are."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from sensorgraph.errors import FileFormatError
from sensorgraph.typing import ChannelType
from sensorgraph.words.channel import WordChannel
from sensorgraph.words.labelled import LabelledWords, edges_of


def read_labelled_words(path: str | Path) -> LabelledWords:
    """Read one recording; its source is the first part of its name (``px4_sample.npz`` is from ``px4``).

    Entries: ``values`` (uint16, all channels one after the other), ``ptr`` (channel i is ``values[ptr[i]:ptr[i+1]]``),
    ``rate_hz``, ``channel_type``, ``pairs``, ``identifiable``, ``overflow`` and ``overflow_ptr`` (samples per pair),
    ``used_bits``, ``flag_bits``.

    Args:
        path: the file.

    Raises:
        FileFormatError: missing, damaged, or without one of these entries.
        DataError: its entries contradict each other.
    """
    path = Path(path)
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            entries = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise FileFormatError(f"{path}: no .npz file that can be read; fetch it anew ({error})") from error
    needed = ("values", "ptr", "rate_hz", "channel_type", "pairs", "identifiable", "overflow", "overflow_ptr")
    missing = [name for name in (*needed, "used_bits", "flag_bits") if name not in entries]
    if missing:
        raise FileFormatError(f"{path}: is no recording of labelled words; it has no {', '.join(missing)}")
    ptr, over = entries["ptr"], entries["overflow_ptr"]
    channels = tuple(
        WordChannel(entries["values"][first:last], float(rate))
        for first, last, rate in zip(ptr[:-1], ptr[1:], entries["rate_hz"], strict=True)
    )
    types = entries["channel_type"].astype(np.int64)
    used, flags = entries["used_bits"].astype(np.int64), entries["flag_bits"].astype(np.int64)
    begins = np.array([edges_of(int(one), int(two)) for one, two in zip(used, flags, strict=True)], np.int64)
    # Inside a run of used bits of a packed word, where one field ends and the next begins was not written down.
    inside = np.array([one & (one << 1) for one in used.tolist()], np.int64) & ~begins
    known = np.where(types == ChannelType.COMPLEX_BITS, 0xFFFE & ~inside, 0xFFFE)
    return LabelledWords(
        name=path.stem,
        source=path.stem.split("_")[0],
        channels=channels,
        channel_type=types,
        pairs=tuple((int(msb), int(lsb)) for msb, lsb in entries["pairs"]),
        identifiable=tuple(bool(one) for one in entries["identifiable"]),
        rollovers=tuple(entries["overflow"][over[n] : over[n + 1]].astype(np.int64) for n in range(len(over) - 1)),
        lags=None,
        encodings=None,
        flag_bits=flags,
        used_bits=used,
        begins=begins,
        begins_known=known,
    )
