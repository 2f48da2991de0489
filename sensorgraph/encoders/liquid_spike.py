"""Spiking neurons in front of a liquid cell: for streams with irregular clocks."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.cfc import CfCCell
from sensorgraph.encoders.patches import compress, log_rate
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import Row, Steps, patchify
from sensorgraph.encoders.spikes import LeakyIntegrateAndFire
from sensorgraph.graph.ragged import Ragged


class LiquidSpikeEncoder(Encoder):
    """Patches charge leaky integrate-and-fire neurons; their spikes drive a closed-form continuous-time cell.

    Both know the true time from one patch to the next: a gap leaks charge and moves the cell on by its length. Time
    runs forward only, so tokens are causal by construction. Steps follow each other in a loop: for fast streams the TCN
    is many times cheaper.

    Args:
        dim: channels of tokens and vectors.
        hidden: neurons, and channels of the cell's state.
        patch_samples: samples per step.
        backbone: channels of the cell's inner network.
        time_unit_s: time (s) that neurons begin to remember for, and unit of the cell's gaps.

    Reference: documents 000 and 001 of the project's sources; see `LeakyIntegrateAndFire` and `CfCCell`.
    """

    def __init__(
        self, dim: int = 128, hidden: int = 32, patch_samples: int = 16, backbone: int = 48, time_unit_s: float = 0.1
    ) -> None:
        super().__init__(dim)
        self.patch_samples, self.time_unit_s = patch_samples, time_unit_s
        self.value = nn.Linear(2 * patch_samples, hidden)
        self.rate = nn.Linear(1, hidden, bias=False)
        self.norm = nn.LayerNorm(hidden)
        self.neurons = LeakyIntegrateAndFire(hidden, time_constant=1.0)
        self.cell = CfCCell(hidden, hidden, backbone)
        self.readout = BinReadout(hidden, dim)

    def forward(self, streams: Ragged) -> Encoded:
        patches = patchify(streams, self.patch_samples, gap=0)
        row, valid = patches.row, patches.spread(streams.valid)
        used = valid.any(1)
        chosen = used.nonzero().squeeze(1)
        share = valid[chosen].double()
        value = compress(patches.spread(torch.where(streams.valid, streams.value, 0.0))[chosen].double())
        time_s = (patches.spread(streams.time_s)[chosen] * share).sum(1) / share.sum(1)
        stream = row.stream()[chosen] if len(chosen) else chosen
        current = self._current(torch.cat([value, share], dim=1), log_rate(streams.rate_hz).double()[stream])
        order = _Order.of(stream, row)
        gap = order.gaps(time_s, self.patch_samples / streams.rate_hz.clamp(min=1e-6)) / self.time_unit_s
        states = self._run(order.spread(current), order.spread(gap[:, None]))
        steps = states.new_zeros(len(row.cell), states.shape[-1])
        return self.readout(Steps(steps.index_copy(0, chosen, order.gather(states)), used, row))

    def _current(self, patch: Tensor, rate: Tensor) -> Tensor:
        """What charges the neurons: [used, hidden] float64.

        In double precision, because a threshold turns the last digit of a sum, which depends on the batch, into a
        spike.
        """
        value, norm = self.value, self.norm
        current = F.linear(patch, value.weight.double(), value.bias.double())
        current = current + F.linear(rate, self.rate.weight.double())
        return F.layer_norm(current, norm.normalized_shape, norm.weight.double(), norm.bias.double())

    def _run(self, current: Tensor, gap: Tensor) -> Tensor:
        """States of the cell after each step: [N, M, hidden]."""
        spikes, gap = self.neurons(current, gap).float(), gap.float()
        state = spikes.new_zeros(current.shape[0], current.shape[2])
        states = []
        for step in range(current.shape[1]):
            state = self.cell(spikes[:, step], state, gap[:, step])
            states.append(state)
        return torch.stack(states, dim=1) if states else spikes


class _Order:
    """Used steps side by side, a line per stream, because a recurrent network needs them one after the other.

    Lines are padded behind their end, where nothing flows back from.
    """

    def __init__(self, stream: Tensor, place: Tensor, num_streams: int, num_steps: int) -> None:
        self.stream, self.place = stream, place
        self.num_streams, self.num_steps = num_streams, num_steps

    @classmethod
    def of(cls, stream: Tensor, row: Row) -> _Order:
        count = torch.bincount(stream, minlength=row.num_streams)
        place = torch.arange(len(stream), device=stream.device) - (count.cumsum(0) - count)[stream]
        return cls(stream, place, row.num_streams, int(count.max()) if len(stream) else 0)

    def spread(self, steps: Tensor) -> Tensor:
        """[used, ...] to [N, M, ...]."""
        out = steps.new_zeros(self.num_streams, self.num_steps, *steps.shape[1:])
        return out.index_put((self.stream, self.place), steps)

    def gather(self, lines: Tensor) -> Tensor:
        """[N, M, ...] to [used, ...]."""
        return lines[self.stream, self.place]

    def gaps(self, time_s: Tensor, nominal_s: Tensor) -> Tensor:
        """Time (s) since the step before; of a stream's first step, its nominal length: [used]."""
        gap = time_s - time_s.roll(1)
        return torch.where(self.place > 0, gap, nominal_s[self.stream]).clamp(min=0)
