"""Training of the word network: it learns, it is calibrated on what it has not learned from, it stops at nonsense."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from sensorgraph.errors import NonFiniteLossError
from sensorgraph.models.word_judge import WordNetworkSettings
from sensorgraph.simulate.word_recordings import random_recording
from sensorgraph.training.word_examples import WordExample
from sensorgraph.training.word_training import WordTrainingSettings, losses, train_words

NETWORK = WordNetworkSettings(hidden=16, num_members=1)
TRAINING = WordTrainingSettings(num_steps=60, batch_size=4)


@pytest.fixture(scope="module")
def examples() -> list[WordExample]:
    return [WordExample.of(random_recording(seed)) for seed in range(24)]


def loss_of(judge: torch.nn.Module, examples: list[WordExample]) -> float:
    example = WordExample.joined(examples)
    with torch.no_grad():
        return float(torch.stack(list(losses(judge(example.graph), example.truth).values())).sum())


def test_truth_of_an_example(examples: list[WordExample]) -> None:
    for seed in range(4):
        recording, truth = random_recording(seed), examples[seed].truth
        found = set(map(tuple, examples[seed].graph.link.T[truth.is_pair > 0].tolist()))
        assert found <= set(recording.pairs)
        flags = (truth.flag * 2 ** torch.arange(16)).sum(1).long()
        assert flags.tolist() == recording.flag_bits.tolist()
        begins = (truth.begins * 2 ** torch.arange(16)).sum(1).long()
        assert begins.tolist() == recording.begins.tolist()


def test_what_is_learned_holds_for_what_was_held_back(examples: list[WordExample]) -> None:
    lines: list[str] = []
    judge = train_words(examples[:16], {"a": examples[16:18]}, examples[18:21], NETWORK, TRAINING, 0, lines.append)
    still = dataclasses.replace(TRAINING, num_steps=1, learning_rate=1e-9)
    fresh = train_words(examples[:16], {}, [], NETWORK, still, 0, lines.append)
    assert loss_of(judge, examples[21:]) < 0.7 * loss_of(fresh, examples[21:])
    assert any("held-back loss" in line for line in lines)
    assert (judge.temperature != 1).any()
    assert (fresh.temperature == 1).all()


def test_the_seed_decides_everything(examples: list[WordExample]) -> None:
    training = dataclasses.replace(TRAINING, num_steps=3)
    first, second, other = (
        train_words(examples[:6], {}, [], NETWORK, training, seed, lambda line: None) for seed in (1, 1, 2)
    )
    for name, value in first.state_dict().items():
        torch.testing.assert_close(value, second.state_dict()[name], rtol=0, atol=0)
    assert any((value != other.state_dict()[name]).any() for name, value in first.state_dict().items())


def test_a_loss_that_is_no_number_stops_the_run(examples: list[WordExample]) -> None:
    graph = dataclasses.replace(examples[0].graph, words=examples[0].graph.words * float("nan"))
    with pytest.raises(NonFiniteLossError, match="step 0"):
        train_words([WordExample(graph, examples[0].truth)], {}, [], NETWORK, TRAINING, 0, lambda line: None)
