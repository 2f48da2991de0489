"""Rules that every fusion keeps, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from sensorgraph.fusion.base import Fused, Fusion, Tokens
from sensorgraph.graph.schema import LINK_TYPES
from sensorgraph.testing.fake_tokens import FusionInput, batched, fake_scene

TOLERANCE = 1e-5


def check_fusion(make: Callable[[], Fusion], scenes: Sequence[FusionInput], *, fuses: bool = True) -> None:
    """Every rule of a fusion at once.

    Args:
        make: builds the fusion, with random weights.
        scenes: two or more scenes of different size; one of them with at least two sensors.
        fuses: whether streams hear of each other; a baseline that keeps them apart must really do so.

    Raises:
        AssertionError: a rule is broken; the message says which.

    Example:
        >>> from sensorgraph.fusion import NoFusion
        >>> scenes = [fake_scene({"sensor": 3, "audio": 1}), fake_scene({"sensor": 2}, seed=1)]
        >>> check_fusion(lambda: NoFusion(dim=8), scenes, fuses=False)
    """
    torch.manual_seed(0)
    fusion = make().eval()
    check_output(fusion, batched(scenes))
    check_scenes_are_independent(fusion, scenes)
    check_absent_streams_are_silent(fusion, scenes)
    check_who_hears_whom(fusion, scenes, fuses)
    check_small_scenes(fusion, scenes[0])
    check_fusion_gradients(make(), batched(scenes))


def check_output(fusion: Fusion, given: FusionInput) -> None:
    """The same keys and shapes come out; everything is finite; attention is a share of what a receiver hears."""
    with torch.no_grad():
        out = fusion(given.tokens, given.links)
    assert set(out.tokens) == set(given.tokens), f"node types {sorted(out.tokens)}, not {sorted(given.tokens)}"
    assert set(out.attention) == set(given.links), "attention must have the link types that came in"
    for kind, value in out.tokens.items():
        assert value.shape == given.tokens[kind].value.shape, f"{kind}: shape {tuple(value.shape)}"
        assert value.isfinite().all(), f"{kind}: a token is not finite"
    heard = {kind: torch.zeros(len(tokens.value)) for kind, tokens in given.tokens.items()}
    for link_type, attention in out.attention.items():
        link = given.links[link_type]
        assert attention.shape == link.weight.shape, f"{link_type}: attention of shape {tuple(attention.shape)}"
        assert (attention >= 0).all(), f"{link_type}: negative attention"
        heard[link.receiver].index_add_(0, link.edge_index[1], attention)
    for kind, total in heard.items():
        assert (total <= 1 + TOLERANCE).all(), f"{kind}: attention adds up to more than 1"


def check_scenes_are_independent(fusion: Fusion, scenes: Sequence[FusionInput]) -> None:
    """A scene alone, and in any batch in any order, gives the same numbers."""
    alone = [_run(fusion, scene) for scene in scenes]
    for order in (list(range(len(scenes))), list(reversed(range(len(scenes))))):
        together = _run(fusion, batched([scenes[k] for k in order]))
        for kind, value in together.tokens.items():
            expected = torch.cat([alone[k].tokens[kind] for k in order])
            _assert_same(expected, value, f"{kind}: a scene differs between alone and in a batch (order {order})")
        for link_type, attention in together.attention.items():
            expected = torch.cat([alone[k].attention[link_type] for k in order])
            _assert_same(expected, attention, f"{link_type}: attention differs between alone and in a batch")


def check_absent_streams_are_silent(fusion: Fusion, scenes: Sequence[FusionInput]) -> None:
    """Whatever stands in the tokens of a stream that is absent reaches no other stream.

    This is checked with whole streams: a stream that is absent in some bins only may tell itself, and from there the
    others, that it was, because such a token says who the stream is.
    """
    given = _largest(scenes)
    for kind, tokens in given.tokens.items():
        if not len(tokens.value):
            continue
        present = tokens.present.clone()
        present[0] = False
        quiet = _with(given, kind, replace(tokens, present=present))
        value = tokens.value.clone()
        value[0] += 3 * torch.randn(value[0].shape, generator=torch.Generator().manual_seed(2))
        loud = _with(given, kind, replace(tokens, present=present, value=value))
        _assert_others_same(_run(fusion, quiet), _run(fusion, loud), kind, f"an absent {kind} stream")


def check_who_hears_whom(fusion: Fusion, scenes: Sequence[FusionInput], fuses: bool) -> None:
    """What a present stream does reaches those that are linked to it, and its absence is not a row of zeros.

    A fusion that keeps streams apart changes nothing but the stream itself.
    """
    given = _largest(scenes)
    tokens = given.tokens["sensor"]
    all_there, none = torch.ones_like(tokens.present), torch.ones_like(tokens.present)
    none[0] = False
    value = tokens.value.clone()
    value[0] = 0
    at_zero = _run(fusion, _with(given, "sensor", replace(tokens, value=value, present=all_there)))
    changed = _run(fusion, _with(given, "sensor", replace(tokens, present=all_there)))
    absent = _run(fusion, _with(given, "sensor", replace(tokens, value=value, present=none)))
    if not fuses:
        _assert_others_same(at_zero, changed, "sensor", "a stream, without fusion,")
        return
    assert _difference_elsewhere(at_zero, changed) > 0, "what a stream does reaches nobody"
    assert _difference_elsewhere(at_zero, absent) > 0, "an absent stream counts as zeros"


def check_small_scenes(fusion: Fusion, scene: FusionInput) -> None:
    """One sensor and nothing else; no stream at all; and types without rows beside types with rows."""
    num_bins = scene.tokens["sensor"].value.shape[1]
    for num_nodes in ({"sensor": 1}, {}, {"audio": 1}):
        check_output(fusion, fake_scene(num_nodes, fusion.dim, num_bins))


def check_fusion_gradients(fusion: Fusion, given: FusionInput) -> None:
    """Every weight gets a gradient from the tokens, and so does the weight of every type of link that is heard."""
    random = torch.Generator().manual_seed(1)
    tokens = {kind: replace(part, value=part.value.clone().requires_grad_()) for kind, part in given.tokens.items()}
    out = fusion.train()(tokens, given.links)
    fusion.zero_grad()
    loss = torch.stack([(v * torch.randn(v.shape, generator=random)).sum() for v in out.tokens.values()]).sum()
    loss.backward()
    dead = [name for name, weight in fusion.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert not dead, f"no gradient reaches {dead}"
    deaf = [kind for kind, part in tokens.items() if part.value.numel() and not _reached(part.value)]
    assert not deaf, f"no gradient reaches the tokens of {deaf}"


def _reached(value: Tensor) -> bool:
    return value.grad is not None and bool(value.grad.any())


def check_fusion_causal(fusion: Fusion, scenes: Sequence[FusionInput]) -> None:
    """Later bins, their values and whether they are there, change no token of an earlier bin.

    Example:
        >>> from sensorgraph.fusion import NoFusion
        >>> check_fusion_causal(NoFusion(dim=8, causal=True), [fake_scene({"sensor": 3, "audio": 1})])
    """
    fusion.eval()
    given = batched(scenes)
    before = _run(fusion, given)
    num_bins = given.tokens["sensor"].value.shape[1]
    for last in range(num_bins - 1):
        later = {kind: _with_other_end(tokens, last) for kind, tokens in given.tokens.items()}
        after = _run(fusion, FusionInput(later, given.links))
        for kind, value in after.tokens.items():
            difference = _largest_of(value[:, : last + 1] - before.tokens[kind][:, : last + 1])
            assert difference <= TOLERANCE, f"{kind}: bins after {last} change tokens up to it by {difference:g}"


def _with_other_end(tokens: Tokens, last: int) -> Tokens:
    value, present = tokens.value.clone(), tokens.present.clone()
    value[:, last + 1 :] = 5 - value[:, last + 1 :]
    present[:, last + 1 :] = ~present[:, last + 1 :]
    return replace(tokens, value=value, present=present)


def _run(fusion: Fusion, given: FusionInput) -> Fused:
    with torch.no_grad():
        return fusion(given.tokens, given.links)


def _with(given: FusionInput, kind: str, tokens: Tokens) -> FusionInput:
    return FusionInput({**given.tokens, kind: tokens}, given.links)


def _largest(scenes: Sequence[FusionInput]) -> FusionInput:
    """The scene with most sensors, its first sensor linked to all the others so that it can be heard."""
    given = max(scenes, key=lambda scene: len(scene.tokens["sensor"].value))
    num_sensors = len(given.tokens["sensor"].value)
    assert num_sensors >= 2, "the rules need a scene with at least two sensors"
    relates = given.links[LINK_TYPES[0]]
    extra = torch.stack([torch.zeros(num_sensors - 1, dtype=torch.int64), torch.arange(1, num_sensors)])
    linked = replace(
        relates,
        edge_index=torch.cat([relates.edge_index, extra], dim=1),
        weight=torch.cat([relates.weight, torch.zeros(num_sensors - 1)]),
    )
    return FusionInput(given.tokens, {**given.links, LINK_TYPES[0]: linked})


def _elsewhere(out: Fused, kind: str) -> dict[str, Tensor]:
    """All tokens but those of the first node of a type."""
    return {name: value[1:] if name == kind else value for name, value in out.tokens.items()}


def _difference_elsewhere(one: Fused, other: Fused) -> float:
    return _largest_of(_elsewhere(one, "sensor")["sensor"] - _elsewhere(other, "sensor")["sensor"])


def _assert_others_same(one: Fused, other: Fused, kind: str, what: str) -> None:
    rest = _elsewhere(other, kind)
    for name, value in _elsewhere(one, kind).items():
        _assert_same(value, rest[name], f"{name}: {what} changes others")


def _assert_same(one: Tensor, other: Tensor, where: str) -> None:
    difference = _largest_of(one - other)
    assert difference <= TOLERANCE, f"{where} by {difference:g}"


def _largest_of(value: Tensor) -> float:
    return float(value.abs().max()) if value.numel() else 0.0
