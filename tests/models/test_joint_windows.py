"""Distances of windows of all channels: what they equal, and what gaps do to them."""

from __future__ import annotations

import pytest
import torch

from sensorgraph.models.joint_windows import JointWindows, covariance_of, directions_of
from sensorgraph.models.linear_messages import LinearMessages, PairMoments, with_earlier


@pytest.fixture(scope="module")
def rows() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    mixing = torch.randn(4, 4, generator=generator)
    return torch.randn(2000, 4, generator=generator) @ mixing


@pytest.fixture(scope="module")
def windows(rows: torch.Tensor) -> JointWindows:
    found = JointWindows(4, num_lags=2)
    found.fit(PairMoments.of(with_earlier(rows, 2)).covariance())
    return found


def test_it_is_the_distance_of_mahalanobis(rows: torch.Tensor, windows: JointWindows) -> None:
    told = with_earlier(rows, 2).double()
    inverse = torch.linalg.inv(windows.get_buffer("covariance"))
    expected = ((told @ inverse) * told).sum(1).div(12).sqrt().float()
    found = windows(rows)[2:]
    torch.testing.assert_close(found, expected[2:], rtol=1e-3, atol=1e-3)
    assert found.square().mean().item() == pytest.approx(1.0, abs=1e-3)


def test_an_absent_channel_leaves_the_distance_of_the_others(rows: torch.Tensor, windows: JointWindows) -> None:
    blind = rows.clone()
    blind[:, 2] = torch.nan
    kept = torch.tensor([True, True, False, True])
    others = JointWindows(3, num_lags=2)
    place = kept.repeat(3)
    others.fit(windows.get_buffer("covariance")[place][:, place])
    torch.testing.assert_close(windows(blind), others(rows[:, kept]), equal_nan=True)
    torch.testing.assert_close(windows.without(~kept)(rows), others(rows[:, kept]), equal_nan=True)


def test_a_gap_is_out_of_every_window_that_holds_it(rows: torch.Tensor, windows: JointWindows) -> None:
    gap = rows[:100].clone()
    gap[50] = torch.nan
    found = windows(gap)
    assert torch.isnan(found[50:53]).all()
    assert torch.isnan(found[:2]).all()
    assert not torch.isnan(found[2:50]).any()
    torch.testing.assert_close(found[53:], windows(rows[:100])[53:])
    assert len(windows(rows[:0])) == 0


def test_sizes_are_of_rows_that_directions_did_not_see() -> None:
    """A hundred rows know little of thirty directions; new rows must not look far for it."""
    generator = torch.Generator().manual_seed(1)
    seen, new = torch.randn(100, 30, generator=generator), torch.randn(2000, 30, generator=generator)
    parts = [PairMoments.of(part) for part in seen.split(20)]
    total = PairMoments.of(seen)
    honest, naive = JointWindows(30), JointWindows(30)
    _, size = directions_of(parts)
    honest.fit(covariance_of(total, size))
    naive.fit(total.covariance())
    assert naive(new).mean() > 1.1
    assert 0.8 < honest(new).mean() < 1.0  # sizes rise with the rank, so that they are rather too large


def test_messages_may_forget_what_was_earlier(rows: torch.Tensor) -> None:
    late = torch.roll(rows[:, :1], 1, 0)
    both = torch.cat([rows, late], 1)
    messages = LinearMessages(5, penalty=0.01, num_lags=1)
    messages.fit(PairMoments.of(with_earlier(both, 1)).covariance())
    size, forgetful = (found(both)[1:, 4].square().mean().sqrt() for found in (messages, messages.of_now()))
    shuffled = both[torch.randperm(len(both), generator=torch.Generator().manual_seed(0))]
    again = messages.of_now()(shuffled)[:, 4].square().mean().sqrt()
    assert again.item() == pytest.approx(forgetful.item(), rel=0.05)
    assert messages(shuffled)[:, 4].square().mean().sqrt() > 3 * size
