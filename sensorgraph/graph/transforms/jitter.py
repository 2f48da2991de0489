"""Noise on physical values and sound."""

from __future__ import annotations

from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from sensorgraph.errors import ConfigError
from sensorgraph.graph.transforms.draw import Generator, normal, uniform

_STRIP = 1 << 16


class Jitter(BaseTransform):
    r"""Adds white noise, :math:`x_t + \epsilon_t, \epsilon_t \sim N(0, (s \cdot \mathrm{rms}(x))^2)`.

    The noise is measured by each stream's own root mean square, because a microphone's values are a hundredth of a
    normalised sensor's. Raw words stay: their noise is a wrong bit, see `BitFlip`.

    Drawing a million normal numbers costs more than everything else in a view, so one strip of 65536 is drawn, and
    every stream takes its noise from a random place of it, around and around where it is longer.

    Args:
        share: standard deviation of the noise, as a share ``s`` of the stream's root mean square (missing samples
            count as 0).
        generator: of the random numbers; None takes torch's global one.
    """

    def __init__(self, share: float = 0.05, generator: Generator = None) -> None:
        if not share >= 0:
            raise ConfigError(f"jitter.share: must be 0 or more (got {share})")
        self.share = share
        self.generator = generator

    def forward(self, data: HeteroData) -> HeteroData:
        """Replace ``value`` of sensors and microphones."""
        for modality in ("sensor", "audio"):
            store = data[modality]
            value, valid, length = store["value"], store["valid"], store["length"]
            sizes = length.tolist()
            strip = self._strip(max(sizes, default=0), value)
            starts = (uniform(len(sizes), like=length, generator=self.generator) * _STRIP).long().tolist()
            noisy = value.clone()
            # Stream by stream: a second row of noise as long as all samples would cost several times as much.
            for part, start, is_word in zip(noisy.split(sizes), starts, store["is_word"].tolist(), strict=True):
                if len(part) and not is_word:
                    spread = self.share * part.square().mean().sqrt()
                    part.addcmul_(strip[start : start + len(part)], spread)
            store["value"] = noisy.index_fill(0, (~valid).nonzero().squeeze(1), 0)
        return data

    def _strip(self, longest: int, like: Tensor) -> Tensor:
        """Noise from which a stretch of ``longest`` can be taken at any of the first 65536 places."""
        noise = normal(_STRIP, like=like, generator=self.generator)
        return noise.repeat(-(-longest // _STRIP) + 1)
