"""What each feature of a summary is called, by modality."""

from __future__ import annotations

from sensorgraph.graph.summary.audio import AUDIO_FEATURES
from sensorgraph.graph.summary.picture import IMAGE_FEATURES, VIDEO_FEATURES
from sensorgraph.graph.summary.sensor import SENSOR_FEATURES
from sensorgraph.graph.text import NUM_SUMMARY_NUMBERS, NUM_SUMMARY_WORDS, TextVocabulary


def feature_names(text: TextVocabulary) -> dict[str, tuple[str, ...]]:
    """Names of the features of every modality, in the order of their columns.

    Args:
        text: of the run; places that its corpus left free are numbered, and never observed.

    Example:
        >>> names = feature_names(TextVocabulary(words=("boost",), keys=("pressure",)))
        >>> names["sensor"][0], names["text"][0], names["text"][1], names["text"][40]
        ('level', "says 'boost'", 'word 1', "value of 'pressure'")
    """
    words = [f"says '{word}'" for word in text.words]
    values = [f"value of '{key}'" for key in text.keys]
    words += [f"word {number}" for number in range(len(words), NUM_SUMMARY_WORDS)]
    values += [f"value {number}" for number in range(len(values), NUM_SUMMARY_NUMBERS)]
    return {
        "sensor": SENSOR_FEATURES,
        "image": IMAGE_FEATURES,
        "audio": AUDIO_FEATURES,
        "text": (*words, *values),
        "video": VIDEO_FEATURES,
    }
