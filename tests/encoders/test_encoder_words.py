"""What raw words show, and the gate of the experts."""

from __future__ import annotations

import pytest
import torch

from sensorgraph.encoders import word_features
from sensorgraph.encoders.experts import EXPERTS, ExpertsEncoder
from sensorgraph.encoders.word_features import WordPatches, bits_of, cut_words
from sensorgraph.errors import ConfigError
from sensorgraph.graph.ragged import Ragged
from sensorgraph.testing.fake_streams import fake_streams


def features(words: list[int], valid: list[bool] | None = None) -> WordPatches:
    count = len(words)
    streams = Ragged(
        torch.tensor(words, dtype=torch.float32), torch.tensor([count]), torch.zeros(count, dtype=torch.int64),
        torch.tensor(valid if valid is not None else [True] * count), torch.arange(count) / 10,
        torch.tensor([10.0]), 1,
    )  # fmt: skip
    return cut_words(streams, patch_samples=count, gap=0).patches


def test_bits_are_those_of_numpy_style_shifts() -> None:
    words = torch.randint(0, 1 << 16, (500,), dtype=torch.int32)
    assert torch.equal(bits_of(words), (words[:, None] >> torch.arange(16) & 1).float())


def test_a_roll_over_upwards_is_one_small_step_and_one_carry() -> None:
    level, modular, plain, carry, unit, valid, known = features([65534, 65535, 0, 1]).numbers[0]
    assert carry.tolist() == [0, 0, 1, 0]
    assert unit.tolist() == [0, 1, 1, 1]
    assert torch.equal(modular[1:], torch.full((3,), 1 / 16))
    assert plain[2] < -0.99
    assert level[1] == 1
    assert valid.tolist() == [1, 1, 1, 1]
    assert known.tolist() == [0, 1, 1, 1]


def test_a_roll_over_downwards_is_a_borrow() -> None:
    assert features([1, 65535]).numbers[0, 3].tolist() == [0, -1]


def test_toggles_are_the_bits_that_changed() -> None:
    toggles = features([0b0101, 0b0110]).toggles[0]
    assert toggles[0].sum() == 0  # nothing is known before the first sample
    assert toggles[1].nonzero().squeeze(1).tolist() == [0, 1]


def test_nothing_toggles_across_a_missing_sample() -> None:
    words = features([1, 2, 3], valid=[True, False, True])
    assert not words.toggles.any()
    assert words.numbers[0, 6].tolist() == [0, 0, 0]


def test_a_stream_does_not_continue_its_neighbour() -> None:
    streams = fake_streams("word", [10, 10], [10.0, 10.0], num_bins=1, missing_share=0.0)
    words = cut_words(streams, patch_samples=9, gap=0).patches
    assert words.numbers[:, 6, 0].tolist() == [1, 1]  # the first sample lies before bin 0; the second knows it
    alone = cut_words(streams.select(torch.tensor([1])), patch_samples=9, gap=0).patches
    assert torch.equal(words.toggles[1:], alone.toggles)


def test_patches_some_at_a_time_give_what_all_at_once_give(monkeypatch: pytest.MonkeyPatch) -> None:
    words = cut_words(fake_streams("word", [50, 60], [10.0, 10.0]), patch_samples=4, gap=1)
    monkeypatch.setattr(word_features, "_SAMPLES_AT_ONCE", 12)
    assert torch.equal(words.each(WordPatches.summary), words.patches.summary())


def test_gates_turn_from_soft_to_hard() -> None:
    torch.manual_seed(0)
    encoder = ExpertsEncoder(dim=8, top_k=1, soft_until=0.25, hard_from=0.75).eval()
    streams = fake_streams("word", [50, 60, 70], [10.0, 50.0, 50.0])
    found = {}
    for fraction in (0.0, 0.25, 0.5, 0.75, 1.0):
        encoder.set_hardness(fraction)
        encoder(streams)
        assert encoder.gate_record is not None
        found[fraction] = encoder.gate_record
    torch.testing.assert_close(found[0.0].weight, found[0.0].probability)
    torch.testing.assert_close(found[0.25].weight, found[0.0].weight)
    half = (found[0.0].weight + found[1.0].weight) / 2
    torch.testing.assert_close(found[0.5].weight, half)
    assert found[1.0].weight.count_nonzero(dim=1).tolist() == [1, 1, 1]
    for record in found.values():
        torch.testing.assert_close(record.weight.sum(1), torch.ones(3))


def test_an_expert_that_nobody_chose_makes_no_difference() -> None:
    torch.manual_seed(0)
    encoder = ExpertsEncoder(dim=8, top_k=1).eval()
    encoder.set_hardness(1.0)
    with torch.no_grad():
        encoder.gate[-1].bias.copy_(torch.tensor([0.0, 100.0, 0.0]))
        streams = fake_streams("word", [50, 60], [10.0, 50.0])
        before = encoder(streams)
        for weight in encoder.experts[0].parameters():
            weight.fill_(float("nan"))
        after = encoder(streams)
    assert torch.equal(before.tokens, after.tokens)


@pytest.mark.parametrize("top_k", [1, 2])
def test_hard_gates_still_learn(top_k: int) -> None:
    torch.manual_seed(0)
    encoder = ExpertsEncoder(dim=8, top_k=top_k)
    encoder.set_hardness(1.0)
    out = encoder(fake_streams("word", [50, 60], [10.0, 50.0]))
    (out.tokens * torch.randn(out.tokens.shape)).sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in encoder.gate.parameters())


def test_hardness_is_saved() -> None:
    encoder = ExpertsEncoder(dim=8)
    encoder.set_hardness(1.0)
    again = ExpertsEncoder(dim=8)
    again.load_state_dict(encoder.state_dict())
    assert again.hardness == 1


def test_the_record_leaves_out_streams_without_samples() -> None:
    encoder = ExpertsEncoder(dim=8)
    encoder(fake_streams("word", [50, 0, 60], [10.0, 10.0, 10.0]))
    assert encoder.gate_record is not None
    assert encoder.gate_record.present.tolist() == [True, False, True]
    assert 0 < encoder.gate_record.similarity <= 1
    assert encoder.gate_record.probability.shape == (3, len(EXPERTS))


def test_mistakes_of_the_schedule_are_listed() -> None:
    with pytest.raises(ConfigError) as error:
        ExpertsEncoder(dim=8, top_k=4, soft_until=0.9, hard_from=0.5)
    assert len(error.value.problems) == 2
