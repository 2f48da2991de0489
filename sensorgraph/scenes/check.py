"""Is this scene or recording usable? Every reason against it at once, and what is merely worth knowing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from sensorgraph.errors import SceneError
from sensorgraph.scenes.check_labels import findings_in_labels, findings_in_links
from sensorgraph.scenes.check_stream import findings_in_stream
from sensorgraph.scenes.clock import Clock
from sensorgraph.scenes.finding import Finding
from sensorgraph.scenes.scene import Recording, Scene


def findings_of(
    owner: Scene | Recording,
    clock: Clock | None = None,
    known_rates_hz: Sequence[tuple[float, float]] | None = None,
) -> list[Finding]:
    """Everything that is wrong with a scene or recording, or worth knowing about it.

    Errors make it unusable: duplicate ids, impossible rates, types, shapes or time stamps, infinite samples, nothing
    but gaps, labels that point nowhere. Notes do not: gaps (NaN, invalid words), constant streams, samples or named
    streams that lie outside a slice.

    Args:
        owner: what to look at; samples that are still on disk are read.
        clock: of the model; a scene must be as long as it, and no sensor or microphone shorter than one of its bins.
        known_rates_hz: ranges ``(lowest, highest)`` that encoders cover, both included.

    Example:
        >>> from sensorgraph.scenes import Sensor
        >>> oil = Sensor("oil", 0.0, np.float32([1, 1, float("nan")]))
        >>> for finding in findings_of(Recording("r", 3.0, (oil,))):
        ...     print(finding.severity, finding.text)
        error recording 'r', stream 'oil': rate_hz must be positive and finite; correct it where it is read (got 0.0)
        note recording 'r', stream 'oil': 33.3 % of its samples are missing
        note recording 'r', stream 'oil': is constant (got 1.0)
    """
    return list(_findings(owner, clock, known_rates_hz))


def problems_of(
    owner: Scene | Recording,
    clock: Clock | None = None,
    known_rates_hz: Sequence[tuple[float, float]] | None = None,
) -> list[str]:
    """The errors among `findings_of`; empty for a usable scene."""
    return [finding.text for finding in findings_of(owner, clock, known_rates_hz) if finding.severity == "error"]


def notes_of(owner: Scene | Recording) -> list[str]:
    """The notes among `findings_of`: usable, but worth knowing."""
    return [finding.text for finding in findings_of(owner) if finding.severity == "note"]


def check(
    owner: Scene | Recording,
    clock: Clock | None = None,
    known_rates_hz: Sequence[tuple[float, float]] | None = None,
) -> None:
    """Refuse what `problems_of` finds problems in.

    Raises:
        SceneError: its ``problems`` lists every reason.
    """
    problems = problems_of(owner, clock, known_rates_hz)
    if problems:
        raise SceneError(problems)


def _findings(
    owner: Scene | Recording, clock: Clock | None, known_rates_hz: Sequence[tuple[float, float]] | None
) -> Iterator[Finding]:
    kind = "scene" if isinstance(owner, Scene) else "recording"
    place = f"{kind} '{owner.id}'"
    if not (np.isfinite(owner.duration_s) and owner.duration_s > 0):
        yield Finding.error(place, "duration_s must be positive", "correct it", owner.duration_s)
    elif clock is not None and kind == "scene" and abs(clock.duration_s - owner.duration_s) > 1e-6:
        yield Finding.error(
            place, f"must be as long as the clock of the model, {clock.duration_s:g} s", "cut it anew", owner.duration_s
        )
    if not owner.streams:
        yield Finding.error(place, "has no streams", "leave it out, or widen the slice", 0)
    for stream_id, count in Counter(stream.id for stream in owner.streams).items():
        if count > 1:
            yield Finding.error(place, f"stream id '{stream_id}' must be unique", "rename the others", f"{count} times")
    for stream in owner.streams:
        yield from findings_in_stream(stream, f"{place}, stream '{stream.id}'", owner.duration_s, clock, known_rates_hz)
    yield from findings_in_labels(owner, place)
    yield from findings_in_links(owner.labels.links, owner, place, "label link")
    yield from findings_in_links(owner.topology, owner, place, "topology link")
