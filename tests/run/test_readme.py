"""The research lines of the README run as they stand there, on a run that was trained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

README = Path(__file__).parents[2] / "README.md"


def test_the_research_lines(full_run: Any) -> None:
    section = README.read_text().partition("## In a research script")[2]
    code = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[0]
    assert '"runs/first"' in code
    seen: dict[str, Any] = {}
    exec(code.replace('"runs/first"', repr(str(full_run.folder))), seen)
    graph, adjacency = seen["graph"], seen["adjacency"]
    tokens = seen["state"].tokens["sensor"]
    assert tokens.shape[0] == seen["batch"]["sensor"].num_nodes
    assert adjacency.number_of_edges() > 0
    assert set(graph.stream_id["sensor"]) <= set(adjacency)
