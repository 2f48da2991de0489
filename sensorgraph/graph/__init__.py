"""Scenes as PyG graphs: their schema, building, statistics, splits, prepared data sets, and transforms.

One graph per scene, one node per stream, every node and link type always there. Transforms live in
`sensorgraph.graph.transforms`.
"""

from sensorgraph.graph.build import build_graph
from sensorgraph.graph.dataset import GraphList, SceneDataset, key_of, prepare
from sensorgraph.graph.ragged import Dense, Ragged
from sensorgraph.graph.schema import LINK_TYPES, NODE_TYPES, GraphSchema
from sensorgraph.graph.splits import Span, spans_overlap, split_recordings, split_time
from sensorgraph.graph.statistics import Affine, NormaliseByRate, ValueStatistics
from sensorgraph.graph.store import load_graph, save_graph
from sensorgraph.graph.summary_statistics import SummaryStatistics
from sensorgraph.graph.text import TextVocabulary

__all__ = [
    "LINK_TYPES",
    "NODE_TYPES",
    "Affine",
    "Dense",
    "GraphList",
    "GraphSchema",
    "NormaliseByRate",
    "Ragged",
    "SceneDataset",
    "Span",
    "SummaryStatistics",
    "TextVocabulary",
    "ValueStatistics",
    "build_graph",
    "key_of",
    "load_graph",
    "prepare",
    "save_graph",
    "spans_overlap",
    "split_recordings",
    "split_time",
]
