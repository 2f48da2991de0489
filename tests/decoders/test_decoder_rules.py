"""Every kind of decoder keeps every rule; channels have maps of their own."""

from __future__ import annotations

import pytest
import torch

from sensorgraph.decoders import KINDS
from sensorgraph.decoders.channel_linear import ChannelLinear
from sensorgraph.testing.decoders import check_decoder


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_the_rules(kind: str) -> None:
    check_decoder(lambda: KINDS[kind](dim=8, num_features=5, num_channels=3, hidden=16), dim=8, num_channels=3)


def test_a_channel_bends_the_shared_map_to_its_own() -> None:
    torch.manual_seed(0)
    linear = ChannelLinear(num_channels=3, inputs=4, outputs=2)
    x = torch.randn(3, 5, 4)
    channel = torch.tensor([0, 1, 2])
    torch.testing.assert_close(linear(x, channel), linear.shared(x))
    with torch.no_grad():
        linear.own.weight[1].normal_()
        linear.own_bias.weight[1].normal_()
    expected = linear.shared(x[1]) + x[1] @ linear.own.weight[1].view(4, 2) + linear.own_bias.weight[1]
    torch.testing.assert_close(linear(x, channel)[1], expected)
    torch.testing.assert_close(linear(x, channel)[[0, 2]], linear.shared(x)[[0, 2]])


def test_the_unknown_channel_learns_nothing_of_its_own() -> None:
    linear = ChannelLinear(num_channels=2, inputs=4, outputs=2)
    linear(torch.randn(2, 5, 4), torch.tensor([0, 1])).sum().backward()
    own, bias = linear.own.weight.grad, linear.own_bias.weight.grad
    assert own is not None
    assert bias is not None
    assert not own[0].any()
    assert not bias[0].any()
    assert own[1].any()
    assert bias[1].any()
