"""One process or several (torchrun): who does what only one may do."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import torch.distributed as dist

T = TypeVar("T")


def is_first() -> bool:
    """Whether this process is the one that prints and writes."""
    return int(os.environ.get("RANK", "0")) == 0


def join() -> None:
    """Meet the other processes of torchrun, if there are any."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        dist.init_process_group("gloo")


def leave() -> None:
    """Say good-bye to them."""
    if dist.is_initialized():
        dist.destroy_process_group()


def same_for_all(value: T) -> T:
    """The first process's value, in all processes."""
    if not dist.is_initialized():
        return value
    box = [value]
    dist.broadcast_object_list(box, src=0)
    return box[0]


def first_then_all(make: Callable[[], T]) -> T:
    """What ``make`` gives; the first process makes it, the others find it made."""
    if is_first():
        value = make()
    if dist.is_initialized():
        dist.barrier()
    return value if is_first() else make()
