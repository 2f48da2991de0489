"""Put faults into the streams of a recording, and write down what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sensorgraph.errors import ConfigError
from sensorgraph.scenes import Anomaly, Audio, Image, Pair, Sensor, Stream, Video
from sensorgraph.simulate.faults.missing import without
from sensorgraph.simulate.faults.picture import PICTURE_FAULTS
from sensorgraph.simulate.faults.signal import AUDIO_FAULTS, SIGNAL_FAULTS
from sensorgraph.simulate.faults.spec import FaultSpec
from sensorgraph.simulate.faults.word import lose_rollovers, repeat_frames, repeated_from, stick_bit, swap_words
from sensorgraph.simulate.randomness import generator
from sensorgraph.typing import MODALITIES


@dataclass(frozen=True)
class Injected:
    """Streams and pairs after a fault, and its label.

    Attributes:
        streams: id to stream; streams that are wholly missing are gone.
        pairs: with the roll-overs that the high words still show.
        anomalies: one label for each fault so far.
    """

    streams: dict[str, Stream]
    pairs: tuple[Pair, ...]
    anomalies: tuple[Anomaly, ...]


def inject(before: Injected, fault: FaultSpec, seed: int, number: int, duration_s: float) -> Injected:
    """Put one fault that is not of the machine into the streams.

    Args:
        before: what there is so far.
        fault: what goes wrong.
        seed: seed of the recording.
        number: of the fault within the recording; its draws depend on it.
        duration_s: length of the recording (s).

    Raises:
        ConfigError: the target does not exist or cannot have this fault.
    """
    rng = generator(seed, f"fault {number} {fault.kind}")
    target = _target(before, fault, rng)
    if fault.category == "missing":
        return _missing(before, fault, target, duration_s)
    if fault.category == "word":
        return _word(before, fault, target, rng)
    stream = _stream_fault(before.streams[target], fault, rng)
    return _labelled(before, fault, {target: stream}, before.pairs)


def _target(before: Injected, fault: FaultSpec, rng: np.random.Generator) -> str:
    able = sorted(_able(before, fault))
    if fault.target is not None:
        if fault.target in able:
            return fault.target
        raise ConfigError(
            f"fault '{fault.kind}': cannot hit this target; choose from {', '.join(able)} (got '{fault.target}')"
        )
    if not able:
        raise ConfigError(f"fault '{fault.kind}': no stream of this recording can have it; leave the fault out")
    return str(rng.choice([name for name in able if _worthwhile(before, fault, name)] or able))


def _able(before: Injected, fault: FaultSpec) -> list[str]:
    """Everything that the fault can hit."""
    if fault.kind == "missing_modality":
        return _modalities(before)
    if fault.kind == "missing_stream":
        return list(before.streams)
    if fault.kind in ("lost_rollover", "swapped_words"):
        return [pair.msb for pair in before.pairs if {pair.msb, pair.lsb} <= set(before.streams)]
    return [name for name, stream in before.streams.items() if _can_have(stream, fault)]


def _worthwhile(before: Injected, fault: FaultSpec, target: str) -> bool:
    """Whether a fault that draws its target should choose this one: something must be there to go wrong."""
    if fault.kind == "missing_modality":
        return target != "sensor"  # a recording of pictures alone is a case to ask for by name
    if fault.kind == "bit_stuck":
        return _num_values(before.streams[target], fault) > 8
    if fault.kind == "lost_rollover":
        return any(pair.msb == target and _overflows(pair, fault) for pair in before.pairs)
    return True


def _overflows(pair: Pair, fault: FaultSpec) -> bool:
    return bool(np.any((pair.overflow_s >= fault.start_s) & (pair.overflow_s < fault.end_s)))


def _num_values(stream: Stream, fault: FaultSpec) -> int:
    assert isinstance(stream, Sensor)
    first, last = np.searchsorted(stream.times(), [fault.start_s, fault.end_s])
    return len(np.unique(stream.values[first:last]))


def _can_have(stream: Stream, fault: FaultSpec) -> bool:
    if isinstance(stream, Sensor):
        return stream.is_word if fault.category == "word" else not stream.is_word
    if isinstance(stream, Audio):
        return fault.kind in AUDIO_FAULTS
    if isinstance(stream, Image | Video):
        return fault.kind in PICTURE_FAULTS
    return False


def _modalities(before: Injected) -> list[str]:
    present = {stream.modality for stream in before.streams.values()}
    return [name for name in MODALITIES if name in present]


def _stream_fault(stream: Stream, fault: FaultSpec, rng: np.random.Generator) -> Stream:
    time_s = stream.times()
    inside = (time_s >= fault.start_s) & (time_s < fault.end_s)
    if isinstance(stream, Image | Video):
        frames = stream.frames.copy()
        rate_hz = len(time_s) / max(float(time_s[-1] - time_s[0]), 1e-9) if len(time_s) else 1.0
        wrong = PICTURE_FAULTS[fault.kind](frames[inside], rate_hz, fault.severity, rng)
        frames[inside] = np.clip(np.round(wrong), 0, 255).astype(np.uint8)
        return replace(stream, frames=frames)
    assert isinstance(stream, Sensor | Audio)
    values = stream.values.copy()
    part = values[inside].astype(np.float64)
    wrong = SIGNAL_FAULTS[fault.kind](part, float(np.std(values)), stream.rate_hz, fault.severity, rng)
    if isinstance(stream, Audio):
        wrong = np.clip(wrong, -1, 1)
    values[inside] = wrong.astype(np.float32)
    return replace(stream, values=values)


def _word(before: Injected, fault: FaultSpec, target: str, rng: np.random.Generator) -> Injected:
    stream = before.streams[target]
    assert isinstance(stream, Sensor)
    time_s = stream.times()
    inside = (time_s >= fault.start_s) & (time_s < fault.end_s)
    if fault.kind == "bit_stuck":
        words = stick_bit(stream.values, inside, fault.severity, rng)
        return _labelled(before, fault, {target: replace(stream, values=words)}, before.pairs)
    if fault.kind == "repeated_frame":
        return _repeated_frame(before, fault, stream, rng)
    pair = next(pair for pair in before.pairs if pair.msb == target)
    low = before.streams[pair.lsb]
    assert isinstance(low, Sensor)
    if fault.kind == "swapped_words":
        rate_hz, severity = stream.rate_hz, fault.severity
        high_words, low_words = swap_words(stream.values, low.values, inside, rate_hz, severity, rng)
        changed: dict[str, Stream] = {
            pair.msb: replace(stream, values=high_words),
            pair.lsb: replace(low, values=low_words),
        }
        return _labelled(before, fault, changed, before.pairs)
    words, lost = lose_rollovers(stream.values, inside, fault.severity, rng)
    kept = replace(pair, overflow_s=np.setdiff1d(pair.overflow_s, time_s[lost]))
    pairs = tuple(kept if other is pair else other for other in before.pairs)
    return _labelled(before, fault, {target: replace(stream, values=words)}, pairs)


def _repeated_frame(before: Injected, fault: FaultSpec, stream: Sensor, rng: np.random.Generator) -> Injected:
    """All words of one rate travel in one frame, so they hang together."""
    draws = int(rng.integers(2**32))
    changed: dict[str, Stream] = {}
    for name, other in before.streams.items():
        if isinstance(other, Sensor) and other.is_word and other.rate_hz == stream.rate_hz:
            same_draws = np.random.default_rng(draws)
            held = repeated_from(other.times(), fault.start_s, fault.end_s, fault.severity, same_draws)
            changed[name] = replace(other, values=repeat_frames(other.values, held))
    return _labelled(before, fault, changed, before.pairs)


def _missing(before: Injected, fault: FaultSpec, target: str, duration_s: float) -> Injected:
    names: Sequence[str] = [target]
    if fault.kind == "missing_modality":
        names = [name for name, stream in before.streams.items() if stream.modality == target]
    if fault.severity == 0:
        return _labelled(before, fault, {name: before.streams[name] for name in names}, before.pairs)
    left = {name: without(before.streams[name], fault.start_s, fault.end_s, duration_s) for name in names}
    after = _labelled(before, fault, {name: before.streams[name] for name in names}, before.pairs)
    streams = {name: left.get(name, stream) for name, stream in after.streams.items()}
    return replace(after, streams={name: stream for name, stream in streams.items() if stream is not None})


def _labelled(before: Injected, fault: FaultSpec, changed: dict[str, Stream], pairs: tuple[Pair, ...]) -> Injected:
    names = tuple(changed)
    anomaly = Anomaly(
        kind=fault.kind,
        category=fault.category,
        start_s=fault.start_s,
        end_s=fault.end_s,
        root_cause=names,
        affected=names,
        severity=fault.severity,
        detectable_by=tuple(dict.fromkeys(stream.modality for stream in changed.values())),
    )
    return Injected(before.streams | changed, pairs, (*before.anomalies, anomaly))
