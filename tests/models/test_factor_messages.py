"""Messages that are kept per run of alike bins say what Gaussian conditioning says, bin by bin."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sensorgraph.models.factor_messages import Messages, Speakers

BINS, FEATURES, FACTORS = 5, 3, 2


def _drawn(num_scenes: int, seed: int, gap_share: float) -> tuple[Speakers, Tensor, Tensor, Tensor]:
    """Speakers of some scenes (one scene may have none), summaries and observed features with gaps, who is heard."""
    random = torch.Generator().manual_seed(seed)
    scene = torch.randint(num_scenes, (2 * num_scenes,), generator=random).sort().values
    num_streams = len(scene)

    def draw(*size: int) -> Tensor:
        return torch.randn(*size, generator=random, dtype=torch.float64)

    known = Speakers(
        torch.arange(num_streams),
        scene,
        draw(num_streams, FEATURES, FACTORS),
        draw(num_streams, FEATURES).square() + 0.2,
        draw(num_streams, FEATURES),
    )
    summary = draw(num_streams, BINS, FEATURES).float()
    observed = torch.rand(num_streams, BINS, FEATURES, generator=random) >= gap_share
    audible = torch.rand(num_streams, BINS, generator=random) < 0.7
    return known, summary, observed, audible


@settings(max_examples=15, deadline=None)
@given(num_scenes=st.integers(1, 3), seed=st.integers(0, 999), gap_share=st.sampled_from([0.0, 0.3, 1.0]))
def test_the_factors_follow_from_what_is_heard(num_scenes: int, seed: int, gap_share: float) -> None:
    known, summary, observed, audible = _drawn(num_scenes, seed, gap_share)
    messages = Messages.of({"sensor": known}, {"sensor": summary}, {"sensor": observed})
    heard = messages.heard(audible, num_scenes)
    covariance = torch.linalg.inv(heard.precision)
    spread = heard.spread(covariance, known)
    for scene in range(num_scenes):
        for number in range(BINS):
            used = (observed[:, number] & audible[:, number, None] & (known.scene == scene)[:, None]).numpy()
            loading, noise = known.loading.numpy()[used], known.noise.numpy()[used]
            value = (summary[:, number].double() - known.centre).numpy()[used]
            # x = W z + e: the posterior of z, written down directly.
            precision = np.eye(FACTORS) + loading.T @ (loading / noise[:, None])
            expected = np.linalg.solve(precision, loading.T @ (value / noise))
            pattern = heard.pattern[scene, number]
            np.testing.assert_allclose(heard.precision[pattern].numpy(), precision, atol=1e-9)
            found = (covariance[pattern] @ heard.evidence[scene, number]).numpy()
            np.testing.assert_allclose(found, expected, atol=1e-8)
            for stream in (known.scene == scene).nonzero()[:, 0].tolist():
                own = known.loading[stream].numpy()
                left_open = np.diag(own @ np.linalg.inv(precision) @ own.T)
                np.testing.assert_allclose(spread[stream, number].numpy(), left_open, atol=1e-8)


def test_bins_alike_share_a_matrix() -> None:
    known, summary, observed, audible = _drawn(2, 0, 0.0)
    messages = Messages.of({"sensor": known}, {"sensor": summary}, {"sensor": observed})
    assert len(messages.sureness) == len(known.node)
    assert len(messages.heard(torch.ones_like(audible), 2).precision) == 2
