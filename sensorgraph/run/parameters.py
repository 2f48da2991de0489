"""How many weights the parts of a network have."""

from __future__ import annotations

from torch import nn

from sensorgraph.models.scene_gnn import SceneGNN


def parameter_counts(model: SceneGNN) -> dict[str, int]:
    """Part of the network to its number of learned weights; parts without any are left out.

    Encoders and decoders are told apart by modality, the rest is what `SceneGNN` calls its parts.
    """
    counts: dict[str, int] = {}
    for name, part in model.named_children():
        for sub, piece in part.named_children() if isinstance(part, nn.ModuleDict) else [("", part)]:
            counts[f"{name}.{sub}" if sub else name] = sum(weight.numel() for weight in piece.parameters())
    own = sum(weight.numel() for weight in model.parameters(recurse=False))
    return {name: count for name, count in {**counts, "own": own}.items() if count}


def parameter_line(model: SceneGNN, kind: str) -> str:
    """One line for people: the whole, the fusion, and the parts."""
    counts = parameter_counts(model)
    parts = ", ".join(f"{name} {count:,}" for name, count in counts.items() if name != "fusion")
    return f"parameters: {sum(counts.values()):,}; fusion ({kind}) {counts.get('fusion', 0):,}; {parts}"
