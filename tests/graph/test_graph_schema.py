"""The schema of a run and its vocabulary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sensorgraph.errors import DataError
from sensorgraph.graph.schema import LINK_TYPES, NODE_TYPES, GraphSchema
from sensorgraph.graph.text import NUM_SUMMARY_NUMBERS, NUM_SUMMARY_WORDS, TextVocabulary, parse
from sensorgraph.scenes import Audio, Text


def test_json_gives_the_schema_back(schema):
    again = GraphSchema.from_json(schema.to_json())
    assert again == schema
    assert again.text.token_ids("mode RUN") == schema.text.token_ids("mode RUN")
    assert again.channel_number("sensor", "low") == schema.channel_number("sensor", "low") > 0


def test_empty_schema_round_trip():
    schema = GraphSchema(duration_s=2.5, num_bins=3)
    assert GraphSchema.from_json(schema.to_json()) == schema
    assert schema.num_channels == 1
    assert schema.text.vocab_size == 1


def test_fit_reads_sizes_from_the_scenes(schema):
    assert schema.audio_rate_hz == 8000.0
    assert schema.picture_channels == 3
    assert schema.num_channels == len(schema.channels) + 1
    assert schema.channel_number("sensor", "nobody") == 0
    assert schema.channel_number("image", "low") == 0, "the same id in another modality is another stream"


def test_id_of_one_recording_is_no_name(make_scene):
    scenes = [make_scene(0), make_scene(1, num_physical=3)]
    schema = GraphSchema.fit(scenes, duration_s=4.0, num_bins=8)
    assert schema.channel_number("sensor", "physical1") > 0
    assert schema.channel_number("sensor", "physical2") == 0


def test_one_recording_names_all_its_streams(make_scene):
    scenes = [make_scene(0, recording_id="r"), make_scene(1, recording_id="r", num_physical=3)]
    assert GraphSchema.fit(scenes, duration_s=4.0, num_bins=8).channel_number("sensor", "physical2") > 0


def test_microphones_of_two_rates_are_refused(make_scene):
    scene = make_scene(0, ["audio"])
    other = Audio("other", 16000.0, np.zeros(64000, np.float32))
    with pytest.raises(DataError, match=r"one rate_hz.*8000.*16000"):
        GraphSchema.fit([replace(scene, streams=(*scene.streams, other))], duration_s=4.0, num_bins=8)


@pytest.mark.parametrize(("duration_s", "num_bins"), [(0.0, 4), (-1.0, 4), (float("nan"), 4), (1.0, 0)])
def test_impossible_sizes_are_refused(duration_s, num_bins):
    with pytest.raises(DataError):
        GraphSchema(duration_s=duration_s, num_bins=num_bins)


def test_types_are_legal_names_for_pyg():
    assert len(set(LINK_TYPES)) == len(LINK_TYPES)
    for name in (*NODE_TYPES, *(part for link in LINK_TYPES for part in link)):
        assert "__" not in name


LINES = tuple(f"speed {k} rpm, mode {'IDLE' if k % 2 else 'RUN'}, temp -{k}.5" for k in range(40))


def test_vocabulary_finds_telling_words_and_keys():
    vocabulary = TextVocabulary.fit(LINES)
    assert set(vocabulary.words) == {"idle", "run"}, "words of every line tell nothing"
    assert set(vocabulary.keys) == {"speed", "temp"}
    assert 1 < vocabulary.vocab_size <= 512


def test_text_summary_says_which_words_and_values():
    vocabulary = TextVocabulary.fit(LINES)
    values, observed = vocabulary.summary([LINES[2], LINES[4]])
    assert values.shape == observed.shape == (NUM_SUMMARY_WORDS + NUM_SUMMARY_NUMBERS,)
    said = {word: values[place] for place, word in enumerate(vocabulary.words)}
    assert said == {"run": 1.0, "idle": 0.0}
    place = NUM_SUMMARY_WORDS + vocabulary.keys.index("speed")
    assert values[place] == 3.0
    assert values[NUM_SUMMARY_WORDS + vocabulary.keys.index("temp")] == -3.5
    assert observed.sum() == 4


def test_text_summary_without_lines_observes_nothing():
    values, observed = TextVocabulary.fit(LINES).summary([])
    assert not observed.any()
    assert not values.any()


def test_key_that_is_not_named_is_not_observed():
    vocabulary = TextVocabulary.fit(LINES)
    _, observed = vocabulary.summary(["mode RUN"])
    assert not observed[NUM_SUMMARY_WORDS:].any()
    assert observed[: len(vocabulary.words)].all()


def test_token_ids_are_below_the_vocabulary_size():
    vocabulary = TextVocabulary.fit(LINES)
    for line in (*LINES, "völlig unbekannt \u4e2d\u6587 !?", ""):
        assert all(0 <= token < vocabulary.vocab_size for token in vocabulary.token_ids(line))
    assert vocabulary.token_ids("") == []
    assert vocabulary.token_ids("speed 7 rpm") != vocabulary.token_ids("speed 8 rpm")


def test_without_training_text_every_word_is_unknown():
    vocabulary = TextVocabulary.fit([])
    assert vocabulary == TextVocabulary()
    assert vocabulary.token_ids("two words") == [0, 0]


def test_parse_keeps_the_first_number_of_a_key():
    assert parse("a 1 a 2 b-3 4") == (["a", "a", "b"], {"a": 1.0, "b": -3.0})
    assert parse("7 leading") == (["leading"], {})


def test_text_of_a_scene_lands_in_its_bins(make_scene, graph_of):
    scene = make_scene(0, ["sensor"])
    log = Text("log", ("speed 1 rpm", "", "speed 9 rpm"), np.array([0.1, 0.2, 3.9]))
    store = graph_of(replace(scene, streams=(*scene.streams, log)))["text"]
    assert sorted(set(store.bin.tolist())) == [0, 7]
    assert store.observed.any(-1).tolist() == [[True, *[False] * 6, True]]
    assert int(store.length) == len(store.value) == len(store.bin)
