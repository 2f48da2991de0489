"""Which streams observe a common cause: sparse, along the machine's own structure."""

from __future__ import annotations

from collections.abc import Sequence

from sensorgraph.scenes import Pair
from sensorgraph.simulate.observed import Observed
from sensorgraph.simulate.word_source import WITNESS

_MACHINE = (
    ("vib_motor", "vib_gearbox"),
    ("vib_gearbox", "vib_pump"),
    ("vib_pump", "pressure_pump"),
    ("pressure_pump", "pressure_line"),
    ("pressure_line", "flow_line"),
    ("valve_position", "flow_line"),
    ("valve_command", "valve_position"),
    ("torque_shaft", "pressure_pump"),
    ("torque_shaft", "current_motor"),
    ("current_motor", "temp_motor"),
    ("temp_oil", "temp_bearing"),
    ("flow_line", "level_tank"),
    ("mic", "vib_pump"),
    ("mic", "vib_motor"),
    ("thermal", "temp_motor"),
    ("thermal", "temp_oil"),
    ("thermal", "temp_bearing"),
    ("gauge", "pressure_pump"),
    ("drive_cam", "vib_motor"),
    ("drive_cam", "flow_line"),
    ("log", "vib_motor"),
    ("log", "pressure_pump"),
    ("log", "temp_motor"),
)


def physical_links(
    observed: Sequence[Observed], pairs: Sequence[Pair], twins: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Links between streams that observe a common cause; each is given once, in one direction.

    The machine's own neighbours, each word and the physical sensor that reads the same quantity, the halves of each
    pair, and the high words of redundant readings.
    """
    present = {one.stream.id for one in observed}
    links = [link for link in _MACHINE if set(link) <= present]
    for one in observed:
        if one.channel is not None:
            witnesses = [WITNESS[name] for name in one.observes if name in WITNESS]
            links += [(one.stream.id, witness) for witness in dict.fromkeys(witnesses[:2]) if witness in present]
    links += [(pair.msb, pair.lsb) for pair in pairs]
    links += list(twins)
    return tuple(links)
