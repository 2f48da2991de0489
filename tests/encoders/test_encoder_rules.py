"""Every kind of encoder keeps every rule, on streams that hypothesis draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensorgraph.encoders import KINDS, ByStreamEncoder, Encoder
from sensorgraph.testing.encoders import check_causal, check_encoder
from sensorgraph.testing.fake_streams import VOCAB_SIZE, StreamKind, fake_streams

FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALUES: dict[str, StreamKind] = {
    "bits": "word",
    "experts": "word",
    "audio": "audio",
    "image": "picture",
    "text": "text",
    "video": "picture",
    "video_frames": "picture",
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "audio": {"fft_samples": 64, "hop_samples": 32, "num_mels": 8},
    "text": {"vocab_size": VOCAB_SIZE},
}
ALWAYS_CAUSAL = {"image", "liquid_spike"}


def maker(kind: str, **more: Any) -> Callable[[], Encoder]:
    return lambda: KINDS[kind](dim=8, **{**ARGUMENTS.get(kind, {}), **more})  # type: ignore[arg-type]


@st.composite
def drawn_streams(draw: st.DrawFn, kind: str) -> Any:
    values = VALUES.get(kind, "number")
    longest = {"audio": 900, "picture": 12}.get(values, 90)
    lengths = [longest, *draw(st.lists(st.integers(0, longest), min_size=1, max_size=3))]
    rates_hz = [16000.0 if values == "audio" else draw(st.sampled_from([5.0, 50.0, 2000.0])) for _ in lengths]
    return fake_streams(
        values,
        draw(st.permutations(lengths)),
        rates_hz,
        num_bins=draw(st.integers(2, 4)),
        missing_share=draw(st.sampled_from([0.1, 0.5])),
        seed=draw(st.integers(0, 99)),
    )


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(data=st.data())
def test_every_kind_keeps_the_rules(kind: str, data: st.DataObject) -> None:
    check_encoder(maker(kind), data.draw(drawn_streams(kind)))


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(data=st.data())
def test_later_bins_do_not_reach_earlier_tokens(kind: str, data: st.DataObject) -> None:
    torch.manual_seed(0)
    make = maker(kind) if kind in ALWAYS_CAUSAL else maker(kind, causal=True)
    check_causal(make(), data.draw(drawn_streams(kind)))


@pytest.mark.parametrize("kind", sorted(set(KINDS) - ALWAYS_CAUSAL))
def test_without_causal_later_bins_do_reach_earlier_tokens(kind: str) -> None:
    """Otherwise the test above would prove nothing."""
    streams = fake_streams(VALUES.get(kind, "number"), [900 if kind == "audio" else 40], [16000.0], missing_share=0.0)
    torch.manual_seed(0)
    with pytest.raises(AssertionError, match="change tokens"):
        check_causal(maker(kind)(), streams)


@FEW
@given(streams=drawn_streams("tcn"))
def test_dispatch_by_rate_keeps_the_rules(streams: Any) -> None:
    # Entries that no drawn stream needs would get no gradient, so all rates share two streams of their own.
    def make() -> Encoder:
        return ByStreamEncoder([(0, 1e6, KINDS["conv1d"](dim=8))])

    check_encoder(make, streams)
