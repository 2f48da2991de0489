"""Many arrays into and out of one zarr group, all at once.

Calling zarr array by array spends most of its time on handing over between threads; one event loop for all arrays
of a scene halves that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import zarr
import zarr.api.asynchronous
from zarr.codecs import ZstdCodec
from zarr.storage import LocalStore, MemoryStore

from sensorgraph.errors import FileFormatError
from sensorgraph.scenes.store_array import check_num_chunks

_CHUNK_BYTES = 2**22
_MOST_IN_MEMORY_BYTES = 2**26

Result = TypeVar("Result")


def write_arrays(
    folder: Path,
    attributes: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    attributes_of: Mapping[str, Mapping[str, Any]],
) -> None:
    """Fill an empty folder with a zarr v3 group.

    Args:
        folder: of the group.
        attributes: of the group, as JSON.
        arrays: by path below the group.
        attributes_of: of single arrays, by path.

    Raises:
        OSError: the disk is full or the folder is closed.
    """
    if sum(array.nbytes for array in arrays.values()) > _MOST_IN_MEMORY_BYTES:
        _run(_fill(LocalStore(folder), attributes, arrays, attributes_of))
        return
    files: dict[str, Any] = {}
    _run(_fill(MemoryStore(files), attributes, arrays, attributes_of))
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.to_bytes())


def read_arrays(folder: Path, names: Iterable[str], place: str) -> dict[str, np.ndarray]:
    """Arrays of the group in ``folder`` by path, whole.

    Args:
        place: the store, for errors.

    Raises:
        FileFormatError: an array is missing, incomplete or damaged.
    """
    wanted = list(dict.fromkeys(names))

    async def fetch_all() -> list[np.ndarray]:
        group = await zarr.api.asynchronous.open_group(folder, mode="r", zarr_format=3, use_consolidated=False)
        return await asyncio.gather(*(_fetch(group, name, f"{place}: array '{name}'") for name in wanted))

    return dict(zip(wanted, _run(fetch_all()), strict=True))


async def _fill(
    store: LocalStore | MemoryStore,
    attributes: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    attributes_of: Mapping[str, Mapping[str, Any]],
) -> None:
    group = await zarr.api.asynchronous.create_group(store=store, zarr_format=3, attributes=dict(attributes))
    for parent in dict.fromkeys(name.rpartition("/")[0] for name in arrays):
        await group.require_group(parent)  # before its arrays, which would otherwise race to make it

    async def put(name: str, array: np.ndarray) -> None:
        stored = await group.create_array(
            name,
            shape=array.shape,
            dtype=array.dtype,
            chunks=_chunks(array),
            filters=None,
            # The checksum makes a flipped byte an error instead of a measurement.
            compressors=ZstdCodec(level=1, checksum=True),
            attributes=dict(attributes_of.get(name, {})),
            # A chunk that was left out as "all zero" could not be told from one that got lost.
            config={"write_empty_chunks": True},
        )
        await stored.setitem(..., array)

    await asyncio.gather(*(put(name, array) for name, array in arrays.items()))


async def _fetch(group: zarr.AsyncGroup, name: str, place: str) -> np.ndarray:
    try:
        array = await group.getitem(name)
    except KeyError:
        raise FileFormatError(f"{place} is missing; restore it from a copy") from None
    except Exception as error:  # whatever its JSON or schema trips zarr over
        raise FileFormatError(f"{place} cannot be opened, restore it from a copy (got {error})") from error
    if not isinstance(array, zarr.AsyncArray):
        raise FileFormatError(f"{place} must be an array; restore it from a copy (got a group)")
    check_num_chunks(await array.nchunks_initialized(), array.nchunks, place)
    try:
        return np.asarray(await array.getitem(...))
    except Exception as error:  # whatever the decompressor trips over
        raise FileFormatError(f"{place} is damaged, restore it from a copy (got {error})") from error


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in a thread of its own, because a notebook already has a running loop in this one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def _chunks(array: np.ndarray) -> tuple[int, ...]:
    """Whole arrays where they are small, else some MiB of rows, so that a slice reads little more than itself."""
    if array.ndim == 0:
        return ()
    row_bytes = max(array.nbytes // max(len(array), 1), 1)
    num_rows = min(max(_CHUNK_BYTES // row_bytes, 1), max(len(array), 1))
    return (num_rows, *(max(length, 1) for length in array.shape[1:]))
