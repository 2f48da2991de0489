"""The liquid cell against its authors' package, and neurons against their definition."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from sensorgraph.encoders.cfc import CfCCell
from sensorgraph.encoders.liquid_spike import LiquidSpikeEncoder
from sensorgraph.encoders.spikes import LeakyIntegrateAndFire, Spike
from sensorgraph.testing.fake_streams import fake_streams


def test_cell_equals_ncps_sample_by_sample() -> None:
    """One sample at a time, since ncps 1.0.1 mixes up the time spans of a batch."""
    reference = pytest.importorskip("ncps.torch").CfCCell(5, 7, backbone_units=11, backbone_layers=1)
    cell = CfCCell(inputs=5, hidden=7, backbone=11)
    with torch.no_grad():
        cell.backbone.load_state_dict(reference.backbone[0].state_dict())
        heads = (reference.ff1, reference.ff2, reference.time_a, reference.time_b)
        cell.heads.weight.copy_(torch.cat([head.weight for head in heads]))
        cell.heads.bias.copy_(torch.cat([head.bias for head in heads]))
        value, state = torch.randn(6, 5), torch.randn(6, 7)
        gap = torch.rand(6, 1) * 3
        together = cell(value, state, gap)
        for i in range(6):
            expected, _ = reference(value[i : i + 1], state[i : i + 1], gap[i].item())
            torch.testing.assert_close(together[i : i + 1], expected, atol=1e-6, rtol=0)


def test_neurons_charge_leak_and_fire() -> None:
    neurons = LeakyIntegrateAndFire(hidden=1, time_constant=1.0)
    current = torch.tensor([0.6, 0.6, 0.6, 0.0])[None, :, None]
    at_once = neurons(current, torch.zeros(1, 4, 1))  # no time passes: 0.6, 1.2 fires, 0.8, 0.8
    assert at_once.flatten().tolist() == [0, 1, 0, 0]
    long_after = neurons(current, torch.full((1, 4, 1), 50.0))  # all has leaked in between
    assert long_after.flatten().tolist() == [0, 0, 0, 0]


def test_a_spike_lets_a_gradient_through() -> None:
    membrane = torch.tensor([-0.2, 0.0, 0.2], requires_grad=True)
    Spike.apply(membrane).sum().backward()
    assert membrane.grad is not None
    assert membrane.grad.tolist() == pytest.approx([0.25, 1.0, 0.25])


def test_true_time_gaps_matter() -> None:
    torch.manual_seed(0)
    encoder = LiquidSpikeEncoder(dim=8, patch_samples=4).eval()
    regular = fake_streams("number", [40], [50.0], missing_share=0.0)
    late = regular.time_s.clone()
    late[regular.bin > 1] += 3.0
    difference = (encoder(replace(regular, time_s=late)).tokens - encoder(regular).tokens)[0].abs().amax(1)
    assert not difference[:2].any()
    assert (difference[2:] > 0).all()
