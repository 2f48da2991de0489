"""An auxiliary head per modality, so that every encoder has something to learn of its own."""

from __future__ import annotations

from torch import Tensor, nn
from torch_geometric.data.storage import NodeStorage

from sensorgraph.graph.summary import NUM_FEATURES
from sensorgraph.typing import MODALITIES


class OwnSummary(nn.Module):
    """Reads each modality's summaries off its own tokens, before any fusion.

    A network that is trained through fusion alone may leave a modality's encoder idle where another modality says
    nearly the same; here nobody else can help. The error of a feature counts squared up to one spread and linearly
    beyond, so that a gross fault does not outweigh all that is normal.

    Args:
        dim: token width.

    Example:
        >>> import torch
        >>> store = NodeStorage(summary=torch.zeros(2, 4, 25), observed=torch.ones(2, 4, 25, dtype=torch.bool))
        >>> seen = torch.ones(2, 4, dtype=torch.bool)
        >>> OwnSummary(dim=8)("audio", torch.randn(2, 4, 8), seen, store).shape
        torch.Size([])

    Reference: Wang et al., "What makes training multi-modal classification networks hard?" (2020), for heads of single
        modalities beside the fused one.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({modality: nn.Linear(dim, NUM_FEATURES[modality]) for modality in MODALITIES})

    def forward(self, modality: str, tokens: Tensor, present: Tensor, store: NodeStorage) -> Tensor:
        """Mean error of what was observed where a stream was there; 0 where nothing was.

        Shapes: ``tokens`` [N, L, D], ``present`` [N, L].
        """
        counted = (store["observed"] & present[..., None]).to(tokens.dtype)
        error = nn.functional.smooth_l1_loss(self.heads[modality](tokens), store["summary"], reduction="none")
        return (error * counted).sum() / counted.sum().clamp(min=1)
