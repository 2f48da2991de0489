"""What does each kind of fusion cost? Processor time of a step, forward and backward, beside concatenation.

    python benchmarks/fusion_speed.py              # about two minutes on one core
    python benchmarks/fusion_speed.py --streams 50 # other sizes

All kinds run in one process on the same made-up scenes: tokens of 64 channels in 20 bins, one link in twelve to a
medium, eight learned links into each sensor. Times are the smallest of some repeats, in processor time, so that other
work on the machine counts as little as it can. The second table doubles the links again and again at the same number of
streams: cost may not grow faster than links do.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import torch

from sensorgraph.fusion import KINDS, Fusion, Links
from sensorgraph.graph.schema import RELATES
from sensorgraph.testing import FusionInput, batched, fake_scene

DIM, NUM_BINS, NUM_SCENES = 64, 20, 4
MEDIA = {"image": 2, "audio": 1, "text": 1, "video": 1}
ALONG_LINKS = ("message_passing", "cross_attention")


def scenes(num_streams: int, links_per_sensor: int) -> FusionInput:
    """A batch of scenes of ``num_streams`` streams each, five of them media."""
    num_sensors = num_streams - sum(MEDIA.values())
    parts = []
    for seed in range(NUM_SCENES):
        scene = fake_scene({"sensor": num_sensors, **MEDIA}, DIM, NUM_BINS, seed=seed)
        random = torch.Generator().manual_seed(seed)
        links = dict(scene.links)
        for kind, link in links.items():
            if link.sender == link.receiver:
                count = links_per_sensor if kind == RELATES else 0
                receiver = torch.arange(num_sensors).repeat_interleave(count)
                # Neighbours on a ring: each sender once per receiver.
                step = 1 + torch.arange(count).repeat(num_sensors)
                weight = torch.randn(len(receiver), generator=random)
                links[kind] = Links(
                    torch.stack([(receiver + step) % num_sensors, receiver]), weight, "sensor", "sensor"
                )
        parts.append(FusionInput(scene.tokens, links))
    return batched(parts)


def seconds(fusion: Fusion, given: FusionInput, repeats: int) -> tuple[float, float]:
    """Smallest processor times of forward and of backward."""
    forward, backward = [], []
    for _ in range(repeats):
        tokens = {kind: replace(part, value=part.value.clone().requires_grad_()) for kind, part in given.tokens.items()}
        begin = time.process_time()
        out = fusion(tokens, given.links)
        middle = time.process_time()
        torch.stack([value.square().sum() for value in out.tokens.values()]).sum().backward()
        forward.append(middle - begin)
        backward.append(time.process_time() - middle)
    return min(forward), min(backward)


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=100, help="streams per scene (default: 100)")
    parser.add_argument("--repeats", type=int, default=5, help="of which the fastest counts (default: 5)")
    args = parser.parse_args()
    torch.set_num_threads(1)
    given = scenes(args.streams, links_per_sensor=8)
    fusions = {kind: cls(dim=DIM) for kind, cls in KINDS.items()}
    for fusion in fusions.values():  # what is only done once is not counted
        seconds(fusion, given, 1)
    found = {kind: seconds(fusion, given, args.repeats) for kind, fusion in fusions.items()}
    concat = sum(found["concat"])
    print(
        f"one batch of {NUM_SCENES} scenes of {args.streams} streams, {NUM_BINS} bins, {DIM} channels; ms of one core"
    )
    print(f"{'kind':<22} {'parameters':>10} {'forward':>8} {'backward':>9} {'x concat':>9}")
    for kind, (forward, backward) in sorted(found.items(), key=lambda item: sum(item[1])):
        weights = sum(weight.numel() for weight in fusions[kind].parameters())
        ratio = (forward + backward) / concat
        print(f"{kind:<22} {weights:>10,} {forward * 1e3:>8.1f} {backward * 1e3:>9.1f} {ratio:>9.2f}")
    print(f"\nlinks into each sensor, at {args.streams} streams; ms forward and backward")
    counts = (4, 8, 16, 32)
    print(f"{'kind':<22} " + " ".join(f"{count:>8}" for count in counts))
    for kind in ALONG_LINKS:
        cost = [sum(seconds(fusions[kind], scenes(args.streams, count), args.repeats)) for count in counts]
        print(f"{kind:<22} " + " ".join(f"{value * 1e3:>8.1f}" for value in cost))


if __name__ == "__main__":
    main()
