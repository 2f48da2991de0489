"""Is there an encoder for every sensor? Asked of prepared scenes before a network looks at them."""

from __future__ import annotations

from collections.abc import Iterable

from torch_geometric.data import HeteroData

from sensorgraph.errors import ConfigError
from sensorgraph.run.run_file import EncoderSettings


def check_coverage(graphs: Iterable[HeteroData], encoders: EncoderSettings) -> None:
    """Refuse sensors that no entry of ``encoders.sensor`` and no ``encoders.word`` takes.

    Raises:
        ConfigError: naming every such stream, once.
    """
    ranges = [(choice.beside.min_rate_hz, choice.beside.max_rate_hz) for choice in encoders.sensor]
    covered = ", ".join(f"{low:g} to {high:g} Hz" for low, high in ranges)
    problems: dict[str, None] = {}
    for graph in graphs:
        store = graph["sensor"]
        rows = zip(graph.stream_id["sensor"], store.rate_hz.tolist(), store.is_word.tolist(), strict=True)
        for name, rate_hz, is_word in rows:
            place = f"recording '{graph.recording_id}', stream '{name}'"
            if is_word and encoders.word is None:
                problems[f"encoders.word: {place} holds raw words; name an encoder such as bits (got null)"] = None
            elif not is_word and not any(low <= rate_hz <= high for low, high in ranges):
                problem = f"encoders.sensor: no entry covers {place}; add one or widen one of: {covered}"
                problems[f"{problem} (got rate_hz {rate_hz:g})"] = None
    if problems:
        raise ConfigError(list(problems))
