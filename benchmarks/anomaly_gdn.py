"""A representative of deep graph detectors: each channel is foreseen from the pasts of its learned neighbours.

Written here after the description of Deng and Hooi, "Graph neural network-based anomaly detection in multivariate time
series" (2021): an embedding per channel, the most similar embeddings as neighbours, attention over their windows, a
forecast of the next sample; errors in units of their training median and spread.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

_WINDOW = 5
_DIM = 32
_MOST_STEPS = 400
_BATCH = 64
_NUM_NEIGHBOURS = 15


class _Network(nn.Module):
    def __init__(self, num_channels: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(num_channels, _DIM))
        self.encode = nn.Linear(_WINDOW, _DIM)
        self.attend_to = nn.Parameter(torch.randn(2 * _DIM) / _DIM**0.5)
        self.attend_from = nn.Parameter(torch.randn(2 * _DIM) / _DIM**0.5)
        self.out = nn.Sequential(nn.Linear(_DIM, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, past: Tensor) -> Tensor:
        """Forecasts [B, C] from windows [B, C, W]."""
        unit = nn.functional.normalize(self.embedding, dim=1)
        similarity = (unit @ unit.T).fill_diagonal_(-2.0)
        num = min(_NUM_NEIGHBOURS, len(unit) - 1)
        heard = torch.eye(len(unit), dtype=torch.bool)
        if num > 0:
            heard = heard.scatter(1, similarity.topk(num, dim=1).indices, True)
        token = self.encode(past)
        known = torch.cat([token, self.embedding.expand_as(token)], dim=2)
        weight = (known @ self.attend_to)[:, :, None] + (known @ self.attend_from)[:, None, :]
        weight = nn.functional.leaky_relu(weight, 0.2).masked_fill(~heard, -torch.inf).softmax(2)
        return self.out((weight @ token).relu() * self.embedding)[..., 0]


class GraphForecaster:
    """See above.

    Args:
        num_channels: of the recording.
        seed: of its weights and batches.
    """

    def __init__(self, num_channels: int, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        self.network = _Network(num_channels)

    def fit(self, rows: np.ndarray) -> None:
        """Learn from normal rows [T, C] in training units."""
        past, future = _pairs(rows)
        optimizer = torch.optim.Adam(self.network.parameters(), lr=3e-3)
        for _ in range(_MOST_STEPS):
            pick = torch.randint(len(past), (_BATCH,), generator=self.generator)
            loss = (self.network(past[pick]) - future[pick]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found = self._raw(rows)
        self.centre = np.median(found, axis=0)
        low, high = np.quantile(found, [0.25, 0.75], axis=0)
        self.spread = np.maximum(high - low, 1e-2)

    def errors(self, rows: np.ndarray) -> np.ndarray:
        """Robust forecast errors [T, C]."""
        return (self._raw(rows) - self.centre) / self.spread

    def _raw(self, rows: np.ndarray) -> np.ndarray:
        past, future = _pairs(rows)
        with torch.no_grad():
            told = torch.cat([self.network(part) for part in past.split(2048)])
        found = (told - future).abs().numpy()
        return np.vstack([np.repeat(found[:1], _WINDOW, axis=0), found])


def _pairs(rows: np.ndarray) -> tuple[Tensor, Tensor]:
    values = torch.from_numpy(np.clip(rows, -100, 100).astype(np.float32))
    return values.unfold(0, _WINDOW, 1)[:-1], values[_WINDOW:]
