"""Shapes are checked before anything is compared: broadcasting would turn a slip into a wrong, finite loss."""

from __future__ import annotations

from torch import Tensor

from sensorgraph.errors import DataError


def same_shape(place: str, **tensors: Tensor) -> None:
    """Refuse tensors whose shapes differ; [E] against [E, 1] would silently become [E, E].

    Raises:
        DataError: the shapes differ.

    Example:
        >>> import torch
        >>> same_shape("losses.order", logits=torch.zeros(3), target=torch.zeros(3, 1))
        Traceback (most recent call last):
        sensorgraph.errors.DataError: losses.order: shapes must be equal (got logits [3], target [3, 1])
    """
    if len({tuple(tensor.shape) for tensor in tensors.values()}) > 1:
        got = ", ".join(f"{name} {list(tensor.shape)}" for name, tensor in tensors.items())
        raise DataError(f"{place}: shapes must be equal (got {got})")


def spread(place: str, mask: Tensor, like: Tensor) -> Tensor:
    """A boolean mask over the leading dimensions of ``like``, spread over the trailing ones.

    Shapes: ``mask`` [A, B], ``like`` [A, B, ...]; returns a mask of the shape of ``like``.

    Raises:
        DataError: the mask is not boolean, or its shape is not a beginning of the other's.
    """
    if mask.dtype != mask.bool().dtype:
        raise DataError(f"{place}: a mask must be boolean; compare first, e.g. `mask > 0` (got {mask.dtype})")
    if mask.shape != like.shape[: mask.dim()]:
        raise DataError(
            f"{place}: mask does not fit; its shape must begin that of the values "
            f"(got {list(mask.shape)} for {list(like.shape)})"
        )
    return mask.reshape(*mask.shape, *[1] * (like.dim() - mask.dim())).expand_as(like)
