"""The scene graph network and what is hidden from it; the reader of unlabelled words."""

from sensorgraph.models.hiding import Hidden, Round, random_hiding, span_rounds, stream_rounds
from sensorgraph.models.identity import Identity
from sensorgraph.models.learned_links import LearnedLinks
from sensorgraph.models.modality_dropout import drop_modalities
from sensorgraph.models.scene_gnn import Encodings, Reading, SceneGNN, State
from sensorgraph.models.word_reader import read_word_channels, read_words

__all__ = [
    "Encodings",
    "Hidden",
    "Identity",
    "LearnedLinks",
    "Reading",
    "Round",
    "SceneGNN",
    "State",
    "drop_modalities",
    "random_hiding",
    "read_word_channels",
    "read_words",
    "span_rounds",
    "stream_rounds",
]
