"""What others can know of a stream, bin by bin: level, spread, band energies; not its phase.

These summaries are what decoders reconstruct, and what residuals are made of.
"""

from sensorgraph.graph.summary.audio import AUDIO_FEATURES, summarise_audio
from sensorgraph.graph.summary.names import feature_names
from sensorgraph.graph.summary.picture import IMAGE_FEATURES, VIDEO_FEATURES, summarise_pictures
from sensorgraph.graph.summary.sensor import (
    PHYSICAL_FEATURES,
    SENSOR_FEATURES,
    TOGGLE_RATES,
    WORD_FEATURES,
    summarise_sensor,
)
from sensorgraph.graph.text import NUM_SUMMARY_NUMBERS, NUM_SUMMARY_WORDS

NUM_FEATURES: dict[str, int] = {
    "sensor": len(SENSOR_FEATURES),
    "image": len(IMAGE_FEATURES),
    "audio": len(AUDIO_FEATURES),
    "text": NUM_SUMMARY_WORDS + NUM_SUMMARY_NUMBERS,
    "video": len(VIDEO_FEATURES),
}

__all__ = [
    "AUDIO_FEATURES",
    "IMAGE_FEATURES",
    "NUM_FEATURES",
    "PHYSICAL_FEATURES",
    "SENSOR_FEATURES",
    "TOGGLE_RATES",
    "VIDEO_FEATURES",
    "WORD_FEATURES",
    "feature_names",
    "summarise_audio",
    "summarise_pictures",
    "summarise_sensor",
]
