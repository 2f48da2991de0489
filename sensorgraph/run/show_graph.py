"""Draws what the network learned about who is related to whom: streams, learned links and found pairs of one scene.

RUN is the folder of a trained run, or one that 'score' wrote. SCENE is the one with the highest score if none is named.
The graph is written as PNG and as GraphML (for networkx, Gephi, yEd, Cytoscape, ...); the strongest links are printed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import networkx as nx
import pandas as pd

from sensorgraph.errors import UnknownNameError
from sensorgraph.run.arguments import count
from sensorgraph.run.pictures import scene_adjacency
from sensorgraph.run.results import read_scores, read_structure
from sensorgraph.viz import draw_adjacency, write_graphml


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("run", metavar="RUN", help="a folder with results of 'train', 'evaluate' or 'score'")
    parser.add_argument("scene", metavar="SCENE", nargs="?", help="id of a scene (default: the most unusual)")
    parser.add_argument("--links", type=count, default=15, metavar="N", help="print so many links (default: 15)")
    parser.add_argument("--out", metavar="FOLDER", help="where to put the two files (default: RUN/pictures)")


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    source = Path(args.run)
    scores, structure = read_scores(source), read_structure(source)
    scene = args.scene or most_unusual(scores.machine)
    if scene not in set(scores.machine["scene"]):
        known = ", ".join(pd.unique(scores.machine["scene"])[:5])
        raise UnknownNameError(f"{source}: no scene '{scene}'; choose another (known: {known}, ...)")
    graph = scene_adjacency(scores.streams, structure, scene)
    folder = Path(args.out) if args.out else source / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"adjacency-{scene.replace('/', '_')}"
    draw_adjacency(graph, Path(f"{stem}.png"), title=f"links in {scene}")
    write_graphml(graph, Path(f"{stem}.graphml"))
    print(f"scene {scene}: {graph.number_of_nodes()} streams, {graph.number_of_edges()} links")
    table = strongest_links(graph, args.links)
    print(table.to_string(index=False) if len(table) else "no links")
    print(f"the graph lies in {stem}.png and {stem}.graphml")
    return 0


def most_unusual(machine: pd.DataFrame) -> str:
    """The scene of the highest score.

    Example:
        >>> most_unusual(pd.DataFrame({"scene": ["a", "b"], "score": [0.5, 3.0]}))
        'b'
    """
    return str(machine["scene"].iloc[int(machine["score"].fillna(float("-inf")).to_numpy().argmax())])


def strongest_links(graph: nx.DiGraph, num_links: int) -> pd.DataFrame:
    """Columns ``from, to, weight, pair``, the heaviest first.

    Example:
        >>> graph = nx.DiGraph()
        >>> graph.add_edge("oil", "mic", weight=0.7, is_pair=False)
        >>> graph.add_edge("mic", "oil", weight=0.9, is_pair=False)
        >>> strongest_links(graph, 1)["from"].tolist()
        ['mic']
    """
    rows = [
        {"from": sender, "to": receiver, "weight": round(facts["weight"], 4), "pair": "yes" if facts["is_pair"] else ""}
        for sender, receiver, facts in graph.edges(data=True)
    ]
    table = pd.DataFrame(rows, columns=["from", "to", "weight", "pair"])
    return table.sort_values("weight", ascending=False, kind="stable").head(num_links)
