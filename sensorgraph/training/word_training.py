"""Trains the word network on simulated and real words together, and calibrates what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from sensorgraph.errors import NonFiniteLossError
from sensorgraph.models.word_judge import WordJudge, WordNetworkSettings
from sensorgraph.models.word_network import WordLogits, WordNetwork
from sensorgraph.training.word_examples import WordExample, WordTruth


@dataclass(frozen=True)
class WordTrainingSettings:
    """How the word network is trained.

    Args:
        num_steps: steps of AdamW per member; the rate rises and falls once over them.
        batch_size: recordings per step.
        learning_rate: peak rate.
        weight_decay: of AdamW.
        real_share: share of the recordings of a step that are real or varied from real ones, each source alike.
        pair_weight, type_weight, flag_weight, begins_weight: weights of the four losses.
    """

    num_steps: Annotated[int, Field(ge=1)] = 500
    batch_size: Annotated[int, Field(ge=1)] = 10
    learning_rate: Annotated[float, Field(gt=0)] = 3e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.02
    real_share: Annotated[float, Field(ge=0, le=1)] = 0.35
    pair_weight: Annotated[float, Field(ge=0)] = 4.0
    type_weight: Annotated[float, Field(ge=0)] = 1.0
    flag_weight: Annotated[float, Field(ge=0)] = 2.0
    begins_weight: Annotated[float, Field(ge=0)] = 2.0


def train_words(
    simulated: Sequence[WordExample],
    real: Mapping[str, Sequence[WordExample]],
    held_back: Sequence[WordExample],
    network: WordNetworkSettings,
    training: WordTrainingSettings,
    seed: int,
    say: Callable[[str], None] = print,
) -> WordJudge:
    """Train a judge.

    Args:
        simulated: examples of made recordings.
        real: examples of real recordings and their variations, by source; may be empty.
        held_back: examples that no weight is fitted to; the temperatures are.
        network: how the networks are made.
        training: how they are trained.
        seed: of weights and draws.
        say: takes a line of progress per member.

    Raises:
        NonFiniteLossError: the loss is no number.
    """
    judge = WordJudge(network)
    for number, member in enumerate(judge.members):
        torch.manual_seed(1000 * seed + number)
        fresh = WordNetwork(network.hidden, network.num_rounds, network.dropout)
        member.load_state_dict(fresh.state_dict())
        _train_member(member, simulated, real, training, np.random.default_rng([seed, number]))
        if held_back:
            with torch.no_grad():
                example = WordExample.joined(held_back)
                found = losses(member.eval()(example.graph), example.truth)
            parts = ", ".join(f"{name} {value.item():.4f}" for name, value in found.items())
            say(f"member {number + 1} of {network.num_members}: held-back loss: {parts}")
    judge.eval()
    if held_back:
        judge.temperature.copy_(_temperatures(judge, WordExample.joined(held_back)))
    return judge


def losses(said: WordLogits, truth: WordTruth) -> dict[str, Tensor]:
    """The four losses, each the mean over what can be told.

    Example:
        >>> truth = WordTruth(torch.tensor([0]), torch.ones(1), *[torch.ones(1, 16)] * 4)
        >>> said = WordLogits(torch.zeros(1, 3), torch.zeros(1), torch.zeros(1, 16), torch.zeros(1, 16))
        >>> {name: round(loss.item(), 3) for name, loss in losses(said, truth).items()}
        {'pair': 0.693, 'type': 1.099, 'flag': 0.693, 'begins': 0.693}
    """
    return {
        "pair": _bce(said.is_pair, truth.is_pair, torch.ones_like(truth.is_pair)),
        "type": F.cross_entropy(said.channel_type, truth.channel_type),
        "flag": _bce(said.flag, truth.flag, truth.live),
        "begins": _bce(said.begins, truth.begins, truth.begins_known),
    }


def _bce(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    each = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1.0)


def _train_member(
    member: nn.Module,
    simulated: Sequence[WordExample],
    real: Mapping[str, Sequence[WordExample]],
    training: WordTrainingSettings,
    rng: np.random.Generator,
) -> None:
    weight = {
        "pair": training.pair_weight,
        "type": training.type_weight,
        "flag": training.flag_weight,
        "begins": training.begins_weight,
    }
    optimizer = torch.optim.AdamW(member.parameters(), training.learning_rate, weight_decay=training.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, training.learning_rate, total_steps=training.num_steps)
    sources = [real[name] for name in sorted(real)]
    member.train()
    for step in range(training.num_steps):
        drawn = []
        for _ in range(training.batch_size):
            from_real = sources and rng.random() < training.real_share
            pool = sources[int(rng.integers(len(sources)))] if from_real else simulated
            drawn.append(pool[int(rng.integers(len(pool)))])
        example = WordExample.joined(drawn)
        found = losses(member(example.graph), example.truth)
        loss = torch.stack([weight[name] * value for name, value in found.items()]).sum()
        if not bool(torch.isfinite(loss)):
            worst = {name: value.item() for name, value in found.items()}
            raise NonFiniteLossError(f"words, step {step}: the loss is no number; lower learning_rate (got {worst})")
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(member.parameters(), 1.0)
        optimizer.step()
        schedule.step()


def _temperatures(judge: WordJudge, example: WordExample) -> Tensor:
    """The temperature of each kind of judgement at which what is said fits best."""
    with torch.no_grad():
        said = judge(example.graph)
    logits = (said.channel_type, said.is_pair, said.flag, said.begins)
    # Few pairs that all come out right would ask for no doubt at all; twice as sure is as far as it goes.
    heats = torch.logspace(-0.3, 1.5, 60)
    found = []
    for place, name in enumerate(("type", "pair", "flag", "begins")):
        fits = []
        for heat in heats:
            scaled = [value / heat if number == place else value for number, value in enumerate(logits)]
            fits.append(losses(WordLogits(*scaled), example.truth)[name])
        found.append(heats[int(torch.stack(fits).argmin())])
    return torch.stack(found)
