"""Teaches a pre-classifier from channels whose types are known."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.functional import cross_entropy

from sensorgraph.errors import DataError
from sensorgraph.models.preclassifier import NUM_TYPES, PreClassifierByRate

_LONGEST = 2048


def train_preclassifier(
    model: PreClassifierByRate,
    words: Sequence[torch.Tensor],
    rates_hz: Sequence[float],
    types: Sequence[int],
    *,
    epochs: int = 50,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> list[float]:
    """Cross entropy over shuffled batches; every type counts alike, however rare.

    Each time a channel is seen, a random stretch of at most 2,048 samples is cut from it.

    Args:
        model: trained in place.
        words: N times [T] integer.
        rates_hz: of the channels.
        types: 0 one word, 1 two word, 2 complex bits.
        epochs: rounds through all channels.
        batch_size: channels per step.
        learning_rate: of AdamW.
        seed: of order and stretches.

    Returns:
        mean loss of every epoch.

    Raises:
        DataError: the lists differ in length, are empty, or hold an unknown type.

    Example:
        >>> words = [torch.arange(64), torch.arange(64) % 2, torch.arange(64) * 999 % 65536]
        >>> losses = train_preclassifier(PreClassifierByRate(dim=8), words, [50.0] * 3, [0, 2, 1], epochs=3)
        >>> len(losses)
        3
    """
    if not len(words) == len(rates_hz) == len(types) or not len(words):
        raise DataError(
            "train_preclassifier: needs one rate and one type for each channel "
            f"(got {len(words)} channels, {len(rates_hz)} rates, {len(types)} types)"
        )
    label = torch.tensor(list(types))
    if not ((label >= 0) & (label < NUM_TYPES)).all():
        raise DataError(f"train_preclassifier: types are 0, 1 and 2 (got {sorted(set(label.tolist()))})")
    count = torch.bincount(label, minlength=NUM_TYPES)
    weight = torch.where(count > 0, len(label) / (NUM_TYPES * count.clamp(min=1)), 0.0)
    random = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), learning_rate)
    losses = []
    model.train()
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(words), generator=random).split(batch_size):
            cut = [_stretch(words[row], random) for row in rows.tolist()]
            logits, _ = model(cut, [rates_hz[row] for row in rows.tolist()])
            loss = cross_entropy(logits, label[rows], weight)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(rows)
        losses.append(total / len(words))
    model.eval()
    return losses


def _stretch(channel: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    spare = len(channel) - _LONGEST
    if spare <= 0:
        return channel
    begin = int(torch.randint(spare + 1, (1,), generator=random))
    return channel[begin : begin + _LONGEST]
