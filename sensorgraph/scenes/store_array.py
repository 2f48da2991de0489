"""One array of a store, read by slices."""

from __future__ import annotations

from typing import Any, Final, final

import numpy as np
import zarr

from sensorgraph.errors import FileFormatError


@final
class StoredArray:
    """Samples that stay on disk until somebody slices them; stands in for a numpy array in a stream.

    Args:
        array: where the samples are.
        place: file and name, for errors.

    Raises:
        FileFormatError: chunks are missing, or, on reading, damaged.
    """

    def __init__(self, array: zarr.Array, place: str) -> None:
        check_num_chunks(array.nchunks_initialized, array.nchunks, place)
        self._array: Final = array
        self._place: Final = place
        self.dtype: Final[np.dtype[Any]] = array.dtype
        self.shape: Final[tuple[int, ...]] = array.shape

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, part: Any) -> np.ndarray:
        try:
            return np.asarray(self._array[part])
        except IndexError:
            raise
        except Exception as error:  # whatever the decompressor trips over
            raise FileFormatError(f"{self._place} is damaged, restore it from a copy (got {error})") from error

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError(f"{self._place} is on disk and cannot be used without a copy; leave copy=False away")
        return np.asarray(self[...], dtype=dtype)


def check_num_chunks(num_found: int, num_wanted: int, place: str) -> None:
    """Refuse an array that lost chunks: zarr would read them as zeros without a word.

    Raises:
        FileFormatError: there are fewer than wanted.
    """
    if num_found < num_wanted:
        raise FileFormatError(f"{place} lost {num_wanted - num_found} of {num_wanted} chunks; restore it from a copy")
