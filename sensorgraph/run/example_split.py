"""Examples divided into those to learn from, to stop by, and to judge by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.io.examples import NamedExample
from sensorgraph.scenes import Example

EXAMPLE_SPLITS = ("train", "validation", "test")


def split_examples(
    found: Sequence[NamedExample], shares: Mapping[str, float], seed: int, place: str
) -> dict[str, list[Example]]:
    """By the splits that the examples ask for; or class by class, at random, groups kept whole.

    Args:
        found: all examples.
        shares: of the splits; training takes what rounding leaves.
        seed: of the order.
        place: that they are from, for messages.

    Raises:
        DataError: a split would be empty or lack a class, only some examples ask for a split, or some have no class.
    """
    nameless = [one.example.scene.id for one in found if one.example.label is None]
    if nameless:
        raise DataError(f"{place}: {len(nameless)} examples have no class; sort them into folders (got {nameless[:3]})")
    asked = [one.split for one in found if one.split is not None]
    if asked and len(asked) < len(found):
        raise DataError(f"{place}: either all examples ask for a split or none does (got {len(asked)} of {len(found)})")
    strange = sorted(set(asked) - set(EXAMPLE_SPLITS))
    if strange:
        raise DataError(f"{place}: a split is one of {', '.join(EXAMPLE_SPLITS)} (got {', '.join(map(str, strange))})")
    out: dict[str, list[Example]] = {split: [] for split in EXAMPLE_SPLITS}
    of_group = {} if asked else _dealt(found, shares, seed, place)
    for one in found:
        out[one.split or of_group[one.group]].append(one.example)
    empty = [split for split, part in out.items() if not part]
    if empty:
        raise DataError(f"{place}: no example is left for {' and '.join(empty)}; add more (got {len(found)} examples)")
    return out


def _dealt(found: Sequence[NamedExample], shares: Mapping[str, float], seed: int, place: str) -> dict[str, str]:
    """Group to split; each class is divided for itself, by the class of a group's first example."""
    by_class: dict[str, list[str]] = {}
    seen: set[str] = set()
    for one in found:
        if one.group not in seen:
            seen.add(one.group)
            by_class.setdefault(str(one.example.label), []).append(one.group)
    rng = np.random.default_rng(seed)
    out: dict[str, str] = {}
    for label, groups in sorted(by_class.items()):
        if len(groups) < len(EXAMPLE_SPLITS):
            raise DataError(
                f"{place}: class '{label}' needs {len(EXAMPLE_SPLITS)} examples of different groups, one for each "
                f"split; add some (got {len(groups)})"
            )
        dealt = [groups[number] for number in rng.permutation(len(groups))]
        begin = 0
        for split in ("validation", "test"):
            num = max(int(shares[split] * len(dealt) + 1e-9), 1)
            out.update(dict.fromkeys(dealt[begin : begin + num], split))
            begin += num
        out.update(dict.fromkeys(dealt[begin:], "train"))
    return out
