"""Links that follow from the node types alone, and those that the user supplies."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from sensorgraph.graph.schema import MEDIA, SCENE, LinkType
from sensorgraph.scenes import Scene, Sensor
from sensorgraph.typing import MODALITIES


def structural_links(num_streams: Mapping[str, int]) -> dict[LinkType, Tensor]:
    """Each medium to all sensors and back, and every stream to the scene node and back.

    Shapes: every value is [2, E] int64, sorted by receiver.

    Example:
        >>> links = structural_links({"sensor": 2, "image": 1, "audio": 0, "text": 0, "video": 0})
        >>> links["image", "informs", "sensor"].tolist(), links["audio", "informs", "sensor"].shape
        ([[0, 0], [0, 1]], torch.Size([2, 0]))
    """
    links: dict[LinkType, Tensor] = {}
    num_sensors = num_streams["sensor"]
    for modality in MEDIA:
        links[(modality, "informs", "sensor")] = _all_to_all(num_streams[modality], num_sensors)
        links[("sensor", "informs", modality)] = _all_to_all(num_sensors, num_streams[modality])
    for modality in MODALITIES:
        links[(modality, "within", SCENE)] = _all_to_all(num_streams[modality], 1)
        links[(SCENE, "frames", modality)] = _all_to_all(1, num_streams[modality])
    return links


def wired_links(scene: Scene, sensors: list[Sensor]) -> Tensor:
    """The user's topology among sensors, in both directions: [2, E] int64, sorted by receiver.

    Links that end outside ``sensors`` (at another modality, or at a stream that this scene lacks) are left out.
    """
    row = {sensor.id: number for number, sensor in enumerate(sensors)}
    known = {(row[a], row[b]) for a, b in scene.topology if a in row and b in row and a != b}
    both = sorted({*known, *((b, a) for a, b in known)}, key=lambda link: (link[1], link[0]))
    return torch.tensor(both, dtype=torch.int64).reshape(-1, 2).t().contiguous()


def _all_to_all(num_from: int, num_to: int) -> Tensor:
    sender = torch.arange(num_from).repeat(num_to)
    receiver = torch.arange(num_to).repeat_interleave(num_from)
    return torch.stack([sender, receiver])
