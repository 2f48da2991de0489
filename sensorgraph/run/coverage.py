"""Is there an encoder for every sensor? Asked of run files that simulate, and of prepared scenes."""

from __future__ import annotations

from collections.abc import Iterable

from torch_geometric.data import HeteroData

from sensorgraph.errors import ConfigError
from sensorgraph.run.run_file import EncoderSettings
from sensorgraph.run.sources import Simulated, Source
from sensorgraph.simulate import PHYSICAL_SENSORS
from sensorgraph.typing import MODALITIES


def check_coverage(graphs: Iterable[HeteroData], encoders: EncoderSettings) -> None:
    """Refuse sensors that no entry of ``encoders.sensor`` and no ``encoders.word`` takes, unless none is looked at.

    Raises:
        ConfigError: naming every such stream, once.
    """
    if "sensor" not in encoders.modalities:
        return
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


def check_simulated(source: Source, duration_s: float, encoders: EncoderSettings) -> None:
    """Refuse a simulated machine that the rest of a run file cannot look at; nothing has to be simulated to know.

    Raises:
        ConfigError: naming every setting that does not fit.
    """
    if not isinstance(source, Simulated):
        return
    machine, problems = source.simulate, []
    if duration_s > machine.recording_s:
        longest = f"must not exceed data.simulate.recording_s, {machine.recording_s:g}"
        problems.append(f"graph.duration_s: {longest}; shorten scenes or lengthen recordings (got {duration_s:g})")
    if "sensor" in encoders.modalities and "sensor" in machine.modalities:
        ranges = [(choice.beside.min_rate_hz, choice.beside.max_rate_hz) for choice in encoders.sensor]
        covered = ", ".join(f"{low:g} to {high:g} Hz" for low, high in ranges) or "none"
        there = list(PHYSICAL_SENSORS.values())[: machine.num_physical]
        for name in dict.fromkeys(sensor.rate for sensor in there):
            rate_hz = getattr(machine, f"{name}_rate_hz")
            if not any(low <= rate_hz <= high for low, high in ranges):
                problem = f"encoders.sensor: no entry covers data.simulate.{name}_rate_hz; add one or widen one of"
                problems.append(f"{problem}: {covered} (got rate_hz {rate_hz:g})")
        num_words = machine.num_single_words + machine.num_pairs + machine.num_packed_words
        if num_words and encoders.word is None:
            problems.append(
                "encoders.word: the simulated machine has raw words; name an encoder such as bits (got null)"
            )
    if problems:
        raise ConfigError(problems)


def check_named(named: Iterable[str], encoders: EncoderSettings) -> None:
    """Refuse modalities that were asked for by name and that the run file has no encoder for.

    Raises:
        ConfigError: naming them.
    """
    missing = [name for name in named if name not in encoders.modalities]
    if missing:
        raise ConfigError(f"--modalities: the run file has no encoders.{missing[0]}; add one (got {missing})")


def unseen(graphs: Iterable[HeteroData], encoders: EncoderSettings) -> list[str]:
    """A line for each modality that the data hold and that no encoder looks at: allowed, and not to be overlooked."""
    there = {modality for graph in graphs for modality in MODALITIES if graph[modality].num_nodes}
    left = [modality for modality in MODALITIES if modality in there and modality not in encoders.modalities]
    return [f"{modality}: in the data, and not looked at; add encoders.{modality} to use it\n" for modality in left]


def check_modalities(graphs: Iterable[HeteroData], named: Iterable[str]) -> None:
    """Refuse modalities that were asked for by name and that no scene has.

    Raises:
        ConfigError: naming them, and those that there are.
    """
    there: set[str] = set()
    for graph in graphs:
        there |= {modality for modality in MODALITIES if graph[modality].num_nodes}
    missing = [name for name in named if name not in there]
    if missing:
        held = ", ".join(modality for modality in MODALITIES if modality in there)
        raise ConfigError(f"--modalities: the training data hold only {held}; leave the others out (got {missing})")
