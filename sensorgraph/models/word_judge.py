"""Several word networks that judge together, their calibration, and the file that holds them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from pydantic import Field
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from sensorgraph.errors import FileFormatError
from sensorgraph.models.word_graph import WordGraph
from sensorgraph.models.word_network import WordLogits, WordNetwork
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.typing import ChannelType
from sensorgraph.words.judgement import Judgement, WordEvidence
from sensorgraph.words.rules import judge_by_rules

VERSION = 1

SHIPPED = "words.safetensors"
"""The weights that come with the package; `words.md` beside them says what they were trained on."""

MIN_PROBABILITY = 0.8
"""A pair that is less probable is not believed: joining strangers does more harm than leaving halves apart."""


@dataclass(frozen=True)
class WordNetworkSettings:
    """How the networks were made.

    Args:
        hidden: width of all states.
        num_rounds: rounds of messages between candidate pairs and channels.
        dropout: share of states that are left out in training.
        num_members: networks that judge together; their mean is calmer than each.
    """

    hidden: Annotated[int, Field(ge=4)] = 48
    num_rounds: Annotated[int, Field(ge=0)] = 2
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    num_members: Annotated[int, Field(ge=1)] = 1


class WordJudge(nn.Module):
    """The mean of some networks, with one temperature per kind of judgement.

    Args:
        settings: how the networks are made.

    Example:
        >>> from sensorgraph.words import WordChannel
        >>> evidence = WordEvidence.of([WordChannel(np.arange(500, dtype=np.uint16), 10.0)])
        >>> WordJudge(WordNetworkSettings(hidden=8)).judge(evidence).type_probability.shape
        (1, 3)
    """

    def __init__(self, settings: WordNetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.members = nn.ModuleList(
            WordNetwork(settings.hidden, settings.num_rounds, settings.dropout) for _ in range(settings.num_members)
        )
        self.temperature: Tensor
        self.register_buffer("temperature", torch.ones(4))

    def forward(self, graph: WordGraph) -> WordLogits:
        """Mean logits, divided by the temperatures."""
        said = [member(graph) for member in self.members]
        means = [
            torch.stack(parts).mean(0)
            for parts in (
                [one.channel_type for one in said],
                [one.is_pair for one in said],
                [one.flag for one in said],
                [one.begins for one in said],
            )
        ]
        return WordLogits(*(mean / heat for mean, heat in zip(means, self.temperature, strict=True)))

    def judge(self, evidence: WordEvidence) -> Judgement:
        """What the networks take the words of one recording for.

        Whether a channel without partner is one number or packed bits is the mean opinion of networks and rules where
        words are clean, for rules carry over to sources that nobody has seen; of bit errors rules know nothing.
        """
        said = self.judge_alone(evidence)
        types = said.type_probability.copy()
        clean = ~np.array([evidence.table.has_bit_errors(number) for number in range(len(types))], bool)
        types[clean] = _mean_of_kinds(types[clean], judge_by_rules(evidence).type_probability[clean])
        return replace(said, type_probability=types)

    @torch.no_grad()
    def judge_alone(self, evidence: WordEvidence) -> Judgement:
        """What the networks say when rules have no say."""
        said = self.eval()(WordGraph.of(evidence))
        return Judgement(
            type_probability=said.channel_type.softmax(-1).numpy().astype(np.float64),
            pair_probability=said.is_pair.sigmoid().numpy().astype(np.float64),
            pair_worth=said.is_pair.numpy().astype(np.float64) - np.log(MIN_PROBABILITY / (1.0 - MIN_PROBABILITY)),
            flag_probability=said.flag.sigmoid().numpy(),
            boundary_probability=said.begins.sigmoid().numpy(),
        )

    def save(self, path: str | Path) -> None:
        """Write the weights; a kill or a full disk leaves the previous file."""
        facts = {"version": VERSION, **self.settings.__dict__}
        tensors = {name: value.detach().contiguous() for name, value in self.state_dict().items()}
        write_atomically(Path(path), save(tensors, metadata={"sensorgraph_words": json.dumps(facts)}))

    @staticmethod
    def load(path: str | Path) -> WordJudge:
        """Read what `save` wrote.

        Raises:
            FileFormatError: missing, damaged, foreign or of a newer version.
        """
        try:
            with safe_open(path, framework="pt") as file:
                facts = json.loads((file.metadata() or {})["sensorgraph_words"])
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            version = int(facts.pop("version"))
            if version > VERSION:
                raise FileFormatError(f"{path}: written by a newer sensorgraph; update the package (got {version})")
            judge = WordJudge(WordNetworkSettings(**facts))
            judge.load_state_dict(weights)
        except (OSError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
            if isinstance(error, FileFormatError):
                raise
            raise FileFormatError(f"{path}: holds no weights of the word reader; train again (got {error})") from error
        return judge.eval()


def _mean_of_kinds(types: np.ndarray, by_rules: np.ndarray) -> np.ndarray:
    """Types [N, 3] of which one number against packed bits is the mean of both opinions; halves stay as they are."""
    whole = [int(ChannelType.ONE_WORD), int(ChannelType.COMPLEX_BITS)]
    rest = types[:, whole].sum(axis=1, keepdims=True)
    opinions = [kinds[:, whole] / kinds[:, whole].sum(axis=1, keepdims=True) for kinds in (types, by_rules)]
    out = types.copy()
    out[:, whole] = rest * np.mean(opinions, axis=0)
    return out


@cache
def shipped_judge() -> WordJudge:
    """The judge that comes with the package.

    Example:
        >>> shipped_judge() is shipped_judge()
        True
    """
    return WordJudge.load(str(files("sensorgraph.models") / "weights" / SHIPPED))
