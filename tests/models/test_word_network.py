"""The word network: order and company of channels do not matter, every weight learns, its file is read back whole."""

from __future__ import annotations

import dataclasses
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch

from sensorgraph.errors import FileFormatError
from sensorgraph.heads.pairing import best_pair_of
from sensorgraph.models import read_words
from sensorgraph.models.word_graph import WordGraph, best_other
from sensorgraph.models.word_judge import SHIPPED, WordJudge, WordNetworkSettings, shipped_judge
from sensorgraph.models.word_network import WordLogits, WordNetwork
from sensorgraph.simulate.word_recordings import random_recording
from sensorgraph.training.word_examples import WordExample
from sensorgraph.training.word_training import losses
from sensorgraph.typing import ChannelType
from sensorgraph.words import WordChannel, WordEvidence, judge_by_rules


@pytest.fixture(scope="module")
def examples() -> list[WordExample]:
    return [WordExample.of(random_recording(seed)) for seed in (2, 3, 5)]


@pytest.fixture(scope="module")
def network() -> WordNetwork:
    torch.manual_seed(0)
    return WordNetwork(hidden=16).eval()


def parts(said: WordLogits) -> tuple[torch.Tensor, ...]:
    return said.channel_type, said.is_pair, said.flag, said.begins


def test_a_recording_is_judged_alike_alone_and_beside_others(network: WordNetwork, examples: list[WordExample]) -> None:
    together = network(WordExample.joined(examples).graph)
    alone = [parts(network(example.graph)) for example in examples]
    for joined, separate in zip(parts(together), zip(*alone, strict=True), strict=True):
        torch.testing.assert_close(joined, torch.cat(separate), rtol=1e-5, atol=1e-5)


def test_the_order_of_channels_does_not_matter(network: WordNetwork, examples: list[WordExample]) -> None:
    graph = examples[0].graph
    order = torch.randperm(len(graph.words), generator=torch.Generator().manual_seed(1))
    place = torch.argsort(order)
    mixed = WordGraph(graph.bits[order], graph.words[order], place[graph.link], graph.evidence)
    said, again = network(graph), network(mixed)
    torch.testing.assert_close(again.channel_type, said.channel_type[order], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(again.is_pair, said.is_pair, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(again.flag, said.flag[order], rtol=1e-5, atol=1e-5)


def test_a_channel_is_half_of_something_at_least_as_surely_as_its_best_pair_is_one(
    network: WordNetwork, examples: list[WordExample]
) -> None:
    for example in examples:
        said = network(example.graph)
        probability = said.channel_type.exp()
        torch.testing.assert_close(probability.sum(-1), torch.ones(len(probability)))
        best = best_pair_of(said.is_pair, example.graph.link, len(probability)).sigmoid()
        assert bool((probability[:, int(ChannelType.TWO_WORD)] >= best - 1e-6).all())


def test_a_rival_is_heard(network: WordNetwork, examples: list[WordExample]) -> None:
    """Taking a link away changes what is said about the others at its channels, and about no others."""
    graph = examples[0].graph
    high = graph.link[0]
    counts = torch.bincount(high, minlength=len(graph.words))
    owner = int(counts.argmax())
    assert counts[owner] > 1
    dropped = int(torch.nonzero(high == owner)[0])
    keep = torch.arange(graph.link.shape[1]) != dropped
    fewer = dataclasses.replace(graph, link=graph.link[:, keep], evidence=graph.evidence[keep])
    change = (network(fewer).is_pair - network(graph).is_pair[keep]).abs()
    assert change[high[keep] == owner].max() > 1e-6


def test_gradients_reach_every_weight(examples: list[WordExample]) -> None:
    network = WordNetwork(hidden=8, dropout=0.0)
    example = WordExample.joined(examples)
    torch.stack(list(losses(network(example.graph), example.truth).values())).sum().backward()
    silent = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert silent == []


def test_channels_without_any_candidate_are_judged() -> None:
    graph = WordGraph.of(WordEvidence.of(random_recording(4).channels[:1]))
    assert graph.link.shape == (2, 0)
    said = WordNetwork(hidden=8)(graph)
    assert said.channel_type.shape == (1, 3)
    assert said.is_pair.shape == (0,)


def test_best_other_is_the_rival() -> None:
    owner, value = np.array([2, 0, 2, 2, 1]), np.array([1.0, 5.0, 3.0, 2.0, 0.0])
    assert best_other(owner, value).tolist() == [3.0, -2.0, 2.0, 3.0, -2.0]


def test_weights_are_written_and_read_back(tmp_path: Path) -> None:
    judge = WordJudge(WordNetworkSettings(hidden=8, num_members=2))
    judge.temperature.fill_(1.7)
    judge.save(tmp_path / "w.safetensors")
    again = WordJudge.load(tmp_path / "w.safetensors")
    evidence = WordEvidence.of(random_recording(2).channels)
    for name in ("type_probability", "pair_probability", "flag_probability", "boundary_probability"):
        np.testing.assert_array_equal(
            getattr(judge.judge(evidence), name), getattr(again.judge(evidence), name), err_msg=name
        )


def test_files_without_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no weights of the word reader"):
        WordJudge.load(tmp_path / "missing.safetensors")
    WordJudge(WordNetworkSettings(hidden=8)).save(tmp_path / "w.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "w.safetensors").read_bytes()[:5000])
    with pytest.raises(FileFormatError, match="no weights of the word reader"):
        WordJudge.load(tmp_path / "cut.safetensors")


def test_the_shipped_weights_are_small_and_described() -> None:
    folder = files("sensorgraph.models") / "weights"
    assert len((folder / SHIPPED).read_bytes()) < 3_000_000
    assert "configs/words.yaml" in (folder / "words.md").read_text()
    assert shipped_judge().temperature.min() > 0


def test_the_shipped_judge_reads_what_was_never_seen() -> None:
    """Easy words of a generator of this test's own: a slow position split in two, a speed, flags."""
    rng = np.random.default_rng(11)
    time = np.arange(3000)
    position = (40_000_000 + np.cumsum(3000 * np.sin(time / 200) + rng.normal(0, 200, 3000))).astype(np.uint32)
    speed = (1500 + 400 * np.sin(time / 90) + rng.normal(0, 2, 3000)).astype(np.uint16)
    flags = ((np.cumsum(rng.random(3000) < 0.01) % 2) | (np.cumsum(rng.random(3000) < 0.005) % 2) << 5).astype(
        np.uint16
    )
    halves = [(position & 0xFFFF).astype(np.uint16), (position >> 16).astype(np.uint16)]
    found = read_words([halves[0], speed, flags, halves[1]], [50.0] * 4)
    assert [(pair.msb, pair.lsb) for pair in found.pairs] == [(3, 0)]
    assert found.channel_type.tolist() == [1, 0, 2, 1]
    assert found.flag_bits.tolist() == [0, 0, 0b100001, 0]


def test_rules_have_a_say_about_clean_words_and_none_about_spoilt_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word of one flag and one number is packed by rule; its opposite opinion counts where no bit error is found."""
    rng = np.random.default_rng(4)
    level = (60 + 50 * np.sin(np.arange(3000) / 90)).astype(np.uint16)
    clean = level | ((np.arange(3000) // 400 % 2) << 12).astype(np.uint16)
    errors = (rng.random((3000, 16)) < 2e-3) << np.arange(16)
    spoilt = clean ^ errors.sum(axis=1).astype(np.uint16)
    evidence = WordEvidence.of([WordChannel(clean, 50.0), WordChannel(spoilt, 50.0)])
    assert [evidence.table.has_bit_errors(number) for number in (0, 1)] == [False, True]
    judge = shipped_judge()
    before = judge.judge(evidence).type_probability
    opposite = np.tile([0.98, 0.01, 0.01], (2, 1))
    by_rules = dataclasses.replace(judge_by_rules(evidence), type_probability=opposite)
    monkeypatch.setattr("sensorgraph.models.word_judge.judge_by_rules", lambda _: by_rules)
    after = judge.judge(evidence).type_probability
    assert after[0, 0] > before[0, 0] + 0.2
    np.testing.assert_array_equal(after[1], before[1])
    np.testing.assert_allclose(after.sum(axis=1), 1.0)
    assert after[0, 1] == before[0, 1]
