"""Every kind of fusion keeps every rule, on scenes that hypothesis draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorgraph.errors import ConfigError
from sensorgraph.fusion import KINDS, Fusion, MessagePassing, Tokens
from sensorgraph.testing.fake_tokens import FusionInput, batched, fake_scene
from sensorgraph.testing.fusion import (
    check_absent_streams_are_silent,
    check_fusion,
    check_fusion_causal,
    check_scenes_are_independent,
    check_who_hears_whom,
)
from sensorgraph.typing import MODALITIES

FEW = settings(max_examples=4, deadline=None)
KEEPS_APART = {"none", "mean_of_probabilities"}
KEEPS_BINS_APART = {"mean_of_probabilities"}


def maker(kind: str, **more: Any) -> Callable[[], Fusion]:
    return lambda: KINDS[kind](dim=8, **more)


@st.composite
def drawn_scenes(draw: st.DrawFn) -> list[FusionInput]:
    seed = draw(st.integers(0, 99))
    num_bins = draw(st.integers(1, 5))
    absent_share = draw(st.sampled_from([0.0, 0.3, 0.8]))
    sizes = [{"sensor": draw(st.integers(2, 6)), **{m: draw(st.integers(0, 2)) for m in MODALITIES[1:]}}]
    sizes += draw(st.lists(st.fixed_dictionaries({m: st.integers(0, 3) for m in MODALITIES}), min_size=1, max_size=2))
    return [
        fake_scene(size, 8, num_bins, absent_share, seed + k) for k, size in enumerate(draw(st.permutations(sizes)))
    ]


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(scenes=drawn_scenes())
def test_every_kind_keeps_the_rules(kind: str, scenes: list[FusionInput]) -> None:
    check_fusion(maker(kind), scenes, fuses=kind not in KEEPS_APART)


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(scenes=drawn_scenes())
def test_later_bins_do_not_reach_earlier_tokens(kind: str, scenes: list[FusionInput]) -> None:
    torch.manual_seed(0)
    check_fusion_causal(maker(kind, causal=True)(), scenes)


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - KEEPS_BINS_APART))
def test_without_causal_later_bins_do_reach_earlier_tokens(kind: str) -> None:
    """Otherwise the test above would prove nothing."""
    torch.manual_seed(0)
    with pytest.raises(AssertionError, match="change tokens"):
        check_fusion_causal(maker(kind)(), [fake_scene({"sensor": 3})])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [4, 200])
def test_every_kind_works_in_mixed_precision(kind: str, size: int) -> None:
    """Both in small scenes and in those that are too large for a matrix; near what full precision gives."""
    given = batched([fake_scene({"sensor": size, "audio": 1}, 8, 3, 0.3), fake_scene({"sensor": 2}, 8, 3)])
    torch.manual_seed(0)
    fusion = maker(kind)()
    exact = fusion(given.tokens, given.links)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = fusion(given.tokens, given.links)
        loss = torch.stack([value.float().square().sum() for value in rough.tokens.values()]).sum()
    if any(True for _ in fusion.parameters()):
        loss.backward()
    assert all(bool(weight.grad is not None and weight.grad.isfinite().all()) for weight in fusion.parameters())
    for name, value in exact.tokens.items():
        torch.testing.assert_close(rough.tokens[name].float(), value, atol=0.2, rtol=0.1)


@FEW
@given(scenes=drawn_scenes())
def test_message_passing_with_scales_keeps_the_rules(scenes: list[FusionInput]) -> None:
    check_fusion(maker("message_passing", scales=True), scenes)


class _Broken(Fusion):
    """Breaks one rule on purpose."""

    def __init__(self, how: str) -> None:
        super().__init__(8)
        self.how = how

    def forward(self, tokens: Any, links: Any) -> Any:
        from sensorgraph.fusion import Fused

        sensor: Tokens = tokens["sensor"]
        extra = {
            "batch mean": sensor.value.mean(),
            "absent heard": (sensor.value * ~sensor.present[..., None]).sum(),
            "zeros heard": (sensor.value * sensor.present[..., None]).sum(),
        }[self.how]
        out = {kind: part.value + extra for kind, part in tokens.items()}
        return Fused(out, {kind: torch.zeros_like(link.weight) for kind, link in links.items()})


def test_the_checks_notice_what_is_broken() -> None:
    scenes = [fake_scene({"sensor": 3}), fake_scene({"sensor": 2}, seed=1)]
    with pytest.raises(AssertionError, match="alone and in a batch"):
        check_scenes_are_independent(_Broken("batch mean"), scenes)
    with pytest.raises(AssertionError, match="absent sensor stream changes others"):
        check_absent_streams_are_silent(_Broken("absent heard"), scenes)
    with pytest.raises(AssertionError, match="counts as zeros"):
        check_who_hears_whom(_Broken("zeros heard"), scenes, fuses=True)
    with pytest.raises(AssertionError, match="without fusion, changes others"):
        check_who_hears_whom(_Broken("batch mean"), scenes, fuses=False)


def test_heads_that_do_not_divide_the_width_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"num_heads: must divide model.dim, 10 \(got 4\)"):
        MessagePassing(dim=10, num_heads=4)
