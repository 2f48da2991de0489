"""The scene graph network, and what is hidden from it so that it must be told by the others."""

from sensorgraph.models.hiding import Hidden, Round, random_hiding, span_rounds, stream_rounds
from sensorgraph.models.identity import Identity
from sensorgraph.models.learned_links import LearnedLinks
from sensorgraph.models.scene_gnn import Encodings, Reading, SceneGNN, State

__all__ = [
    "Encodings",
    "Hidden",
    "Identity",
    "LearnedLinks",
    "Reading",
    "Round",
    "SceneGNN",
    "State",
    "random_hiding",
    "span_rounds",
    "stream_rounds",
]
