"""Free facts as JSON that gives back exactly what went in.

JSON alone turns tuples into lists, number keys into text, and has no NaN. What it cannot say is written as an object
with one key that starts with ``$``; large arrays go to a shelf beside the document, under a name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sensorgraph.errors import DataError, FileFormatError

_MOST_INLINE = 64
_EXACT_IN_JSON = tuple(np.dtype(name) for name in ("int64", "int32", "uint32", "uint16", "uint8", "float64", "float32"))
_STORABLE = (*_EXACT_IN_JSON, *map(np.dtype, ("bool", "int8", "int16", "uint64", "float16", "complex64", "complex128")))


class Shelf:
    """Arrays of a document, each under a path such as ``values/0``."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}

    def put(self, name: str, array: np.ndarray, place: str) -> dict[str, str]:
        """Keep ``array`` under ``name`` and return the reference that stands for it in the document."""
        array = np.asarray(array)
        native = array.dtype.newbyteorder("=")
        if native not in _STORABLE:
            raise DataError(f"{place}: only arrays of numbers or bools can be stored; convert it (got {array.dtype})")
        self.arrays[name] = array.astype(native, copy=False)
        return {"$array": name}

    def put_next(self, prefix: str, array: np.ndarray, place: str) -> dict[str, str]:
        """As `put`, under the first free number below ``prefix``."""
        number = sum(name.startswith(f"{prefix}/") for name in self.arrays)
        return self.put(f"{prefix}/{number}", array, place)


def pack(value: Any, shelf: Shelf, prefix: str, place: str) -> Any:
    """``value`` as JSON; its larger arrays go on the shelf below ``prefix``.

    Args:
        value: None, bool, int, float, str, bytes, a list, tuple or mapping of these, a numpy number or array.
        place: how errors name the value's owner.

    Raises:
        DataError: the value, or something in it, is of another type.

    Example:
        >>> pack({"unit": "bar", "range": (0, float("inf"))}, Shelf(), "meta/0", "stream 'p'")
        {'unit': 'bar', 'range': {'$tuple': [0, {'$float': 'inf'}]}}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else {"$float": str(float(value))}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, list | tuple):
        items = [pack(item, shelf, prefix, f"{place}[{number}]") for number, item in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: pack(item, shelf, prefix, f"{place}, '{key}'") for key, item in value.items()}
        return {"$mapping": [pack([*entry], shelf, prefix, place) for entry in value.items()]}
    if isinstance(value, np.ndarray):
        if (
            value.ndim == 1
            and value.size <= _MOST_INLINE
            and value.dtype in _EXACT_IN_JSON
            and np.isfinite(value).all()
        ):
            return {"$numbers": value.tolist(), "dtype": value.dtype.name}
        return shelf.put_next(prefix, value, place)
    raise DataError(f"{place}: a {type(value).__name__} cannot be stored; use numbers, text, lists, mappings or arrays")


def unpack(packed: Any, array_of: Callable[[str], np.ndarray]) -> Any:
    """What `pack` was given; ``array_of`` finds the arrays by name.

    Raises:
        FileFormatError: an object with an unknown ``$`` key, as a newer version might write.
    """
    if isinstance(packed, list):
        return [unpack(item, array_of) for item in packed]
    if not isinstance(packed, dict):
        return packed
    tag = next((key for key in packed if key.startswith("$")), None)
    if tag is None:
        return {key: unpack(item, array_of) for key, item in packed.items()}
    if tag not in _TAGS:
        raise FileFormatError(f"attributes: unknown tag '{tag}'; was this written by a newer version of sensorgraph?")
    return _TAGS[tag](packed, array_of)


_TAGS: dict[str, Callable[[dict[str, Any], Callable[[str], np.ndarray]], Any]] = {
    "$tuple": lambda packed, array_of: tuple(unpack(packed["$tuple"], array_of)),
    "$float": lambda packed, array_of: float(packed["$float"]),
    "$bytes": lambda packed, array_of: bytes.fromhex(packed["$bytes"]),
    "$mapping": lambda packed, array_of: {key: item for key, item in unpack(packed["$mapping"], array_of)},
    "$numbers": lambda packed, array_of: np.array(packed["$numbers"], dtype=packed["dtype"]),
    "$array": lambda packed, array_of: array_of(packed["$array"]),
}
