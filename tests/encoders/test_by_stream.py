"""Dispatch by rate and by kind of value."""

from __future__ import annotations

import pytest
import torch

from sensorgraph.encoders import ByStreamEncoder
from sensorgraph.encoders.bits import BitsEncoder
from sensorgraph.encoders.conv1d import Conv1dEncoder
from sensorgraph.encoders.tcn import TCNEncoder
from sensorgraph.errors import ConfigError
from sensorgraph.testing.fake_streams import fake_streams


@pytest.fixture
def encoder() -> ByStreamEncoder:
    torch.manual_seed(0)
    slow, fast, words = Conv1dEncoder(dim=8), TCNEncoder(dim=8), BitsEncoder(dim=8)
    return ByStreamEncoder([(0, 100, slow), (100, 4000, fast)], words).eval()


def test_each_stream_gets_what_its_encoder_says(encoder: ByStreamEncoder) -> None:
    streams = fake_streams("number", [40, 30, 0, 25], [2000.0, 50.0, 2000.0, 100.0])
    is_word = torch.tensor([False, False, False, True])
    out = encoder(streams, is_word)
    slow, fast = encoder.by_rate
    assert encoder.word_encoder is not None
    for number, expected in enumerate([fast, slow, fast, encoder.word_encoder]):
        alone = expected(streams.select(torch.tensor([number])))
        torch.testing.assert_close(out.tokens[number], alone.tokens[0], atol=1e-5, rtol=0)
        torch.testing.assert_close(out.vectors[number], alone.vectors[0], atol=1e-5, rtol=0)
        assert torch.equal(out.mask[number], alone.mask[0])


def test_the_first_entry_that_covers_a_rate_takes_it(encoder: ByStreamEncoder) -> None:
    streams = fake_streams("number", [40], [100.0])
    torch.testing.assert_close(encoder(streams).tokens, encoder.by_rate[0](streams).tokens)


def test_no_streams(encoder: ByStreamEncoder) -> None:
    out = encoder(fake_streams("number", [], []), torch.zeros(0, dtype=torch.bool))
    assert out.tokens.shape == (0, 4, 8)


def test_every_rate_that_no_entry_covers_is_named(encoder: ByStreamEncoder) -> None:
    streams = fake_streams("number", [4, 4, 4], [50.0, 9000.0, 8000.0])
    with pytest.raises(ConfigError) as error:
        encoder(streams)
    assert len(error.value.problems) == 2
    assert "stream number 1" in error.value.problems[0]
    assert "0 to 100 Hz, 100 to 4000 Hz" in error.value.problems[0]
    assert "got rate_hz 9000" in error.value.problems[0]


def test_words_of_any_rate_go_to_the_encoder_of_words(encoder: ByStreamEncoder) -> None:
    streams = fake_streams("word", [40], [9000.0])
    assert encoder(streams, torch.tensor([True])).mask.all()


def test_words_without_an_encoder_of_words() -> None:
    encoder = ByStreamEncoder([(0, 1e6, Conv1dEncoder(dim=8))])
    with pytest.raises(ConfigError, match="stream number 1 holds raw words"):
        encoder(fake_streams("word", [4, 4], [10.0, 10.0]), torch.tensor([False, True]))


def test_all_mistakes_of_the_entries_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        ByStreamEncoder([(100, 10, Conv1dEncoder(dim=8)), (0, 9, Conv1dEncoder(dim=16))])
    assert len(error.value.problems) == 2


def test_no_entries() -> None:
    with pytest.raises(ConfigError, match="no entries"):
        ByStreamEncoder([])
