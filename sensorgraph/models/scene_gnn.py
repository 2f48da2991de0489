"""The scene graph network: encoders, fusion, heads and decoders in one module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from sensorgraph.decoders import Reconstruction, SummaryDecoder
from sensorgraph.decoders.channel_linear import ChannelLinear
from sensorgraph.encoders.base import Encoder, check_encoded
from sensorgraph.errors import ConfigError
from sensorgraph.fusion import Fused, Fusion, Tokens
from sensorgraph.graph.ragged import Ragged
from sensorgraph.graph.schema import CANDIDATE, SCENE, GraphSchema
from sensorgraph.heads import (
    BitLogits,
    BitmaskHead,
    ChannelTypeHead,
    OverflowHead,
    PairingHead,
    PairLogits,
    PooledTokens,
    SceneClassHead,
    best_pair_of,
)
from sensorgraph.models.factor_messages import Messages
from sensorgraph.models.hiding import Hidden, nothing
from sensorgraph.models.identity import Identity
from sensorgraph.models.learned_links import LearnedLinks
from sensorgraph.models.scene_memory import SceneMemory
from sensorgraph.models.shared_factors import Belief, SharedFactors
from sensorgraph.typing import MODALITIES
from sensorgraph.words import BIN_EVIDENCE, EVIDENCE, NUM_BIT_FEATURES, WORD_FEATURE_NAMES


@dataclass(frozen=True)
class Encodings:
    """What every stream says by itself, before anything is hidden.

    Attributes:
        tokens: modality to [N, L, D].
        present: modality to [N, L] bool, where there is a token.
        messages: what streams can say of the shared factors, if the fusion has any.
    """

    tokens: dict[str, Tensor]
    present: dict[str, Tensor]
    messages: Messages | None = None


@dataclass(frozen=True)
class State:
    """Fused tokens, who everybody is, the attention of every link, and what the shared factors expect, if any."""

    tokens: dict[str, Tensor]
    who: dict[str, Tensor]
    channel: dict[str, Tensor]
    fused: Fused
    edge_index: dict[tuple[str, str, str], Tensor]
    belief: Belief | None


@dataclass(frozen=True)
class Reading:
    """What the heads say of the sensors: ``channel_type`` [N, 3], bits [N, 16], pairs [E], overflow [E, L] (logits)."""

    channel_type: Tensor
    bits: BitLogits
    pairs: PairLogits
    overflow: Tensor


class SceneGNN(nn.Module):
    """Maps a batch of scene graphs to fused tokens, readings and reconstructions.

    The three steps are separate methods, because scoring encodes once and fuses many times, each time with something
    else hidden:

    1. `encode`: raw series to tokens, each stream for itself;
    2. `fuse`: tokens of all streams, some hidden, to fused tokens;
    3. `read` and `reconstruct`: fused tokens to structure and to expected summaries.

    Args:
        schema: the run's graph schema.
        encoders: modality to encoder, all of width ``dim``; a modality without one is not looked at.
        fusion: how streams tell each other what they know.
        dim: width ``D`` of tokens.
        top_k: learned links into each sensor.
        decoder_hidden: width of the decoders' hidden layer.
        causal: no later bin reaches an earlier one (encoders and fusion must be causal too).
        num_classes: classes that scenes are told apart by (`classify`); 0 has no head for it.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.models.hiding import stream_rounds
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> model, batch = run.model(dim=8).eval(), Batch.from_data_list(run.graphs())
        >>> encodings = model.encode(batch)
        >>> model.read(batch, encodings, model.fuse(batch, encodings)).channel_type.shape
        torch.Size([30, 3])
        >>> told_by_others = model.reconstruct(model.fuse(batch, encodings, stream_rounds(batch)[0].hidden))
        >>> told_by_others["sensor"].mean.shape == batch["sensor"].summary.shape
        True
    """

    def __init__(
        self,
        schema: GraphSchema,
        encoders: Mapping[str, Encoder],
        fusion: Fusion,
        dim: int,
        top_k: int = 8,
        decoder_hidden: int = 128,
        causal: bool = False,
        num_classes: int = 0,
    ) -> None:
        super().__init__()
        _check_widths(encoders, fusion, dim)
        self.schema = schema
        self.dim = dim
        self.causal = causal
        self.encoders = nn.ModuleDict(dict(encoders))
        self.summaries = nn.ModuleDict(
            {m: ChannelLinear(schema.num_channels, 2 * schema.num_features(m), dim) for m in self.encoders}
        )
        self.hidden_token = nn.Parameter(torch.zeros(dim))
        self.identity = Identity(schema, dim, causal)
        self.links = LearnedLinks(dim, len(EVIDENCE), top_k, causal=causal)
        self.fusion = fusion
        self.factors = SharedFactors(schema, fusion.num_factors) if fusion.num_factors else None
        self.memory = SceneMemory(schema, fusion.num_remembered) if fusion.num_remembered else None
        self.channel_type = ChannelTypeHead(dim, len(WORD_FEATURE_NAMES))
        self.bitmask = BitmaskHead(dim, len(WORD_FEATURE_NAMES), NUM_BIT_FEATURES)
        self.pairing = PairingHead(dim, len(EVIDENCE))
        self.overflow = OverflowHead(dim, len(BIN_EVIDENCE))
        self.decoders = nn.ModuleDict(
            {m: SummaryDecoder(dim, schema.num_features(m), schema.num_channels, decoder_hidden) for m in self.encoders}
        )
        self.scene_class = (
            SceneClassHead(dim, num_classes, list(self.encoders), fusion.keeps_apart) if num_classes else None
        )

    def encode(self, graph: HeteroData) -> Encodings:
        """Tokens of every stream by itself."""
        tokens: dict[str, Tensor] = {}
        present: dict[str, Tensor] = {}
        for modality in MODALITIES:
            store = graph[modality]
            shape = (*store.summary.shape[:2], self.dim)
            if modality not in self.encoders or not shape[0]:
                tokens[modality] = self.hidden_token.new_zeros(shape)
                present[modality] = torch.zeros(shape[:2], dtype=torch.bool, device=self.hidden_token.device)
                continue
            if "token" in store:
                tokens[modality], present[modality] = store.token, store.token_present
                continue
            encoder = cast(Encoder, self.encoders[modality])
            streams = Ragged.of_store(store)
            encoded = encoder(streams, store.is_word) if modality == "sensor" else encoder(streams)
            check_encoded(encoded, encoder, streams.num_streams, streams.num_bins, f"encoders.{modality}")
            tokens[modality], present[modality] = encoded.tokens, encoded.mask
        return Encodings(tokens, present, None if self.factors is None else self.factors.listen(graph))

    def fuse(self, graph: HeteroData, encodings: Encodings, hidden: Hidden | None = None) -> State:
        """Fused tokens, with nothing of what is hidden in them.

        Shapes: ``hidden[m]`` [N, L] bool.
        """
        hidden = hidden or nothing(graph)
        tokens: dict[str, Tensor] = {}
        present = {m: encodings.present[m] & ~hidden[m] for m in MODALITIES}
        belief = None if self.factors is None else self.factors(graph, present, encodings.messages)
        for modality in MODALITIES:
            store, seen = graph[modality], present[modality]
            token = encodings.tokens[modality] * seen[..., None]
            if modality in self.summaries:
                # Where a stream may not be looked at, it starts from what the others say of it.
                observed = (store.observed & seen[..., None]).to(token.dtype)
                told = 0 if belief is None else belief.mean[modality] * ~seen[..., None]
                token = token + self.summaries[modality](
                    torch.cat([store.summary * observed + told, observed], dim=-1), store.channel
                )
            tokens[modality] = token
        who = self.identity(graph, tokens, present)
        entered: dict[str, Tokens] = {
            m: Tokens(
                tokens[m] + self.hidden_token * ~present[m][..., None] + who[m][:, None],
                present[m],
                who[m],
                graph[m].batch,
            )
            for m in MODALITIES
        }
        # The concept knows nothing at first: it listens in one round and speaks in the next.
        concept = who[SCENE][:, None].expand(-1, self.schema.num_bins, -1)
        everywhere = torch.ones(concept.shape[:2], dtype=torch.bool, device=concept.device)
        number = torch.arange(len(concept), device=concept.device)
        entered[SCENE] = Tokens(concept, everywhere, who[SCENE], number)
        links = self.links(graph, who, ~hidden["sensor"].any(1))
        fused = self.fusion(entered, links)
        return State(
            fused.tokens,
            who,
            {m: graph[m].channel for m in MODALITIES},
            fused,
            {kind: link.edge_index for kind, link in links.items()},
            belief,
        )

    def read(self, graph: HeteroData, encodings: Encodings, state: State) -> Reading:
        """What the heads say of the sensors."""
        store, link = graph["sensor"], graph[CANDIDATE].edge_index
        seen = encodings.present["sensor"].to(state.who["sensor"].dtype)[..., None]
        tokens = state.tokens["sensor"]
        vectors = (tokens * seen).sum(1) / seen.sum(1).clamp(min=1)
        pairs = self.pairing(vectors, link, graph[CANDIDATE].edge_attr)
        best_pair = best_pair_of(pairs.is_pair, link, len(vectors))
        return Reading(
            self.channel_type(vectors, store.word_feature, best_pair),
            self.bitmask(vectors, store.word_feature, store.moved),
            pairs,
            self.overflow(tokens, link, graph[CANDIDATE].bin_evidence),
        )

    def classify(self, graph: HeteroData, encodings: Encodings, state: State, hidden: Hidden | None = None) -> Tensor:
        """Logarithms of the probabilities of the classes of each scene: [S, C].

        Args:
            graph, encodings: of the scenes.
            state: of `fuse`.
            hidden: what was hidden there; what streams were told in its place is not taken for what they said.

        Raises:
            ConfigError: the network was made without classes.
        """
        if self.scene_class is None:
            raise ConfigError("scene network: has no head for classes; make it with num_classes (got 0)")
        num_scenes = graph[SCENE].num_nodes
        pooled = {}
        for modality in self.encoders:
            seen = encodings.present[modality] if hidden is None else encodings.present[modality] & ~hidden[modality]
            pooled[modality] = PooledTokens.of(state.tokens[modality], seen, graph[modality].batch, num_scenes)
        return self.scene_class(state.tokens[SCENE].mean(1), pooled)

    def reconstruct(self, state: State, asked: Hidden | None = None) -> dict[str, Reconstruction]:
        """What every stream's summary should be, by modality.

        Args:
            state: of `fuse`.
            asked: modality to [N, L] bool; streams that are asked for in no bin are left at 0, which saves their time.
        """
        found = {m: self._decode(state, m, None if asked is None else asked[m].any(1)) for m in self.decoders}
        belief = state.belief
        if belief is None:
            return found
        return {
            m: Reconstruction(part.mean + belief.mean[m], part.log_variance + belief.log_variance[m])
            for m, part in found.items()
        }

    def _decode(self, state: State, modality: str, asked: Tensor | None) -> Reconstruction:
        decoder, inputs = self.decoders[modality], (state.tokens, state.who, state.channel)
        tokens, who, channel = (part[modality] for part in inputs)
        if asked is None or bool(asked.all()):
            return decoder(tokens, who, channel)
        part = decoder(tokens[asked], who[asked], channel[asked])
        blank = part.mean.new_zeros(*tokens.shape[:2], part.mean.shape[-1])
        rows = asked.nonzero()[:, 0]
        return Reconstruction(blank.index_copy(0, rows, part.mean), blank.index_copy(0, rows, part.log_variance))


def _check_widths(encoders: Mapping[str, Encoder], fusion: Fusion, dim: int) -> None:
    """Every part must be of one width: tokens are added, compared and mixed."""
    parts = {f"encoders.{modality}": encoder.dim for modality, encoder in encoders.items()}
    problems = [
        f"{place}: must be as wide as the network, {dim}; leave its dim to the program, or set model.dim (got {width})"
        for place, width in {**parts, "fusion": fusion.dim}.items()
        if width != dim
    ]
    if problems:
        raise ConfigError(problems)
