"""Pictures: matplotlib figures and networkx graphs, without torch.

Every ``draw_...`` returns the figure, and saves it as a PNG if it is given a path.
"""

from sensorgraph.viz.adjacency import adjacency_graph, write_graphml
from sensorgraph.viz.adjacency_picture import draw_adjacency
from sensorgraph.viz.bars import draw_bars
from sensorgraph.viz.curves import draw_curves
from sensorgraph.viz.matrix import draw_matrix
from sensorgraph.viz.pairing import draw_pairing, pairing_graph
from sensorgraph.viz.reconstruction import draw_reconstruction
from sensorgraph.viz.scene import draw_scene
from sensorgraph.viz.scores import draw_scores
from sensorgraph.viz.spans import alarms_of
from sensorgraph.viz.word_sheet import draw_word_sheet, sheet_order

__all__ = [
    "adjacency_graph",
    "alarms_of",
    "draw_adjacency",
    "draw_bars",
    "draw_curves",
    "draw_matrix",
    "draw_pairing",
    "draw_reconstruction",
    "draw_scene",
    "draw_scores",
    "draw_word_sheet",
    "pairing_graph",
    "sheet_order",
    "write_graphml",
]
