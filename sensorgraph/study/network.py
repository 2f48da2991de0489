"""The network of every cell: a small encoder per modality, a fusion of the house, one head that reads all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sensorgraph.fusion import Fused, Fusion, Links, Tokens
from sensorgraph.graph.schema import LINK_TYPES, NODE_TYPES, SCENE, LinkType
from sensorgraph.study.inputs import Inputs
from sensorgraph.typing import MODALITIES


@dataclass(frozen=True)
class Answer:
    """What a network says of scenes.

    Attributes:
        probability: [S, C].
        fused: what went on within the fusion.
    """

    probability: Tensor
    fused: Fused


class StudyNetwork(nn.Module):
    r"""Encoders, a fusion, and a head that gives every modality a vote.

    A modality is one node: its encoder sees the summaries of all its streams in a bin. Tokens, identities, link types
    and link weights are those of the scene network (`sensorgraph.models.SceneGNN`), so that a kind of fusion meets here
    what it meets there, save that there are fewer nodes. One head, the same for all, reads every modality's tokens,

    .. math:: p = \frac{1}{M} \sum_m \mathrm{softmax}\, H\Big(\frac{1}{L} \sum_l \phi(z_m[l])\Big)

    and so is the mean of probabilities where the fusion lets nothing across. A modality that a scene lacks has no
    node, no link and no vote.

    Args:
        widths: modality to the number of its features.
        fusion: of width ``dim``.
        dim: width of tokens.
        num_classes: classes ``C``.

    Example:
        >>> from sensorgraph.fusion import Concat
        >>> network = StudyNetwork({"audio": 3, "text": 2}, Concat(dim=8), dim=8, num_classes=4)
        >>> value = {"audio": torch.randn(5, 6, 3), "text": torch.randn(5, 6, 2)}
        >>> given = Inputs.of(value, {name: torch.ones(5, 6, dtype=torch.bool) for name in value})
        >>> network(given).probability.shape, network(given.keep(["text"])).probability.shape
        (torch.Size([5, 4]), torch.Size([5, 4]))
    """

    def __init__(self, widths: Mapping[str, int], fusion: Fusion, dim: int, num_classes: int) -> None:
        super().__init__()
        self.dim = dim
        self.encoders = nn.ModuleDict(
            {
                m: nn.Sequential(nn.Linear(width, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))
                for m, width in widths.items()
            }
        )
        self.kind = nn.ParameterDict({kind: nn.Parameter(torch.randn(dim) * 0.5) for kind in (*widths, SCENE)})
        self.profile = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)
        self.hidden_token = nn.Parameter(torch.zeros(dim))
        self.links = LinkWeights(dim)
        self.fusion = fusion
        self.read = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.GELU())
        self.answer = nn.Linear(2 * dim, num_classes)

    def forward(self, given: Inputs) -> Answer:
        """Modalities that ``given`` has and the network does not are not looked at."""
        modalities = [m for m in MODALITIES if m in self.encoders and m in given.value]
        num_scenes, num_bins = given.num_scenes, given.present[modalities[0]].shape[1]
        tokens = {kind: self._nobody(num_bins) for kind in NODE_TYPES}
        for modality in modalities:
            tokens[modality] = self._node(given, modality)
        who = self.norm(self.kind[SCENE]).expand(num_scenes, -1)
        tokens[SCENE] = Tokens(
            who[:, None].expand(-1, num_bins, -1),
            torch.ones(num_scenes, num_bins, dtype=torch.bool),
            who,
            torch.arange(num_scenes),
        )
        fused = self.fusion(tokens, self.links(tokens, num_scenes))
        vote = torch.zeros(num_scenes, self.answer.out_features)
        voters = torch.zeros(num_scenes)
        for modality in modalities:
            scene = tokens[modality].scene
            logit = self.answer(self.read(fused.tokens[modality]).mean(1))
            vote = vote.index_add(0, scene, logit.softmax(-1))
            voters = voters.index_add(0, scene, torch.ones(len(scene)))
        return Answer(vote / voters.clamp(min=1)[:, None], fused)

    def _node(self, given: Inputs, modality: str) -> Tokens:
        scene = given.has[modality].nonzero().squeeze(1)
        whole = len(scene) == given.num_scenes
        value, seen = given.value[modality], given.present[modality]
        value, seen = (value, seen) if whole else (value[scene], seen[scene])
        token = self.encoders[modality](value) * seen[..., None]
        mean = token.sum(1) / seen.sum(1, keepdim=True).clamp(min=1)
        who = self.norm(self.kind[modality] + self.profile(mean))
        return Tokens(token + self.hidden_token * ~seen[..., None] + who[:, None], seen, who, scene)

    def _nobody(self, num_bins: int) -> Tokens:
        none = torch.zeros(0, num_bins, self.dim)
        return Tokens(none, torch.zeros(0, num_bins, dtype=torch.bool), none[:, 0], torch.zeros(0, dtype=torch.int64))


class LinkWeights(nn.Module):
    r"""The links of the scene graph between single nodes, weighted by who the two are:
    :math:`w_{rs} = q(\mathrm{who}_r) \cdot k(\mathrm{who}_s) / \sqrt{D} + b`.

    Args:
        dim: width of the identity vectors.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.bias = nn.Parameter(torch.zeros(len(LINK_TYPES)))

    def forward(self, tokens: Mapping[str, Tokens], num_scenes: int) -> dict[LinkType, Links]:
        """One link wherever both ends are in the scene; a node has none to itself."""
        whole = {kind for kind, entry in tokens.items() if len(entry.scene) == num_scenes}
        row = {kind: _row_of(entry.scene, num_scenes) for kind, entry in tokens.items() if len(entry.scene)}
        query = {kind: self.query(tokens[kind].who) / self.query.out_features**0.5 for kind in row}
        key = {kind: self.key(tokens[kind].who) for kind in row}
        out = {}
        for number, link_type in enumerate(LINK_TYPES):
            sender, _, receiver = link_type
            if sender == receiver or not {sender, receiver} <= set(row):
                out[link_type] = Links(torch.zeros(2, 0, dtype=torch.int64), self.bias[:0], sender, receiver)
                continue
            ends = torch.stack([row[sender], row[receiver]])
            if {sender, receiver} <= whole:  # the usual case, in which row i is scene i
                weight = (key[sender] * query[receiver]).sum(-1) + self.bias[number]
            else:
                ends = ends[:, (ends >= 0).all(0)]
                weight = (key[sender][ends[0]] * query[receiver][ends[1]]).sum(-1) + self.bias[number]
            out[link_type] = Links(ends, weight, sender, receiver)
        return out


def _row_of(scene: Tensor, num_scenes: int) -> Tensor:
    """Which row a scene has, [S], -1 where it has none."""
    row = torch.full((num_scenes,), -1)
    row[scene] = torch.arange(len(scene))
    return row
