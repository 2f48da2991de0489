"""Training of one network of the study."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from sensorgraph.study.inputs import Inputs
from sensorgraph.study.network import StudyNetwork

_LEAST_PROBABILITY = 1e-8


@dataclass(frozen=True)
class FitSettings:
    """How every network of a study is trained, the same for all: no kind of fusion is tuned.

    Args:
        dim: width of tokens.
        num_epochs: for which the learning rate rises and falls again (one cycle).
        patience: epochs without a better validation loss after which training ends before that.
        batch_size: scenes.
        learning_rate: of AdamW, at its largest.
        weight_decay: of AdamW.
    """

    dim: Annotated[int, Field(ge=8, multiple_of=8)] = 32
    num_epochs: Annotated[int, Field(ge=1)] = 20
    patience: Annotated[int, Field(ge=1)] = 20
    batch_size: Annotated[int, Field(ge=1)] = 128
    learning_rate: Annotated[float, Field(gt=0)] = 5e-3
    weight_decay: Annotated[float, Field(ge=0)] = 1e-2


@dataclass(frozen=True)
class Training:
    """How training went; the network holds the weights of the best epoch.

    Attributes:
        cpu_s: processor time (s).
        num_epochs: epochs that were run.
        epochs_to_best: the epoch of the least validation loss, counted from 1; 0 when there is none.
        validation_loss: there.
        diverged: a loss was not finite, or no epoch was better than giving every class the same probability.
    """

    cpu_s: float
    num_epochs: int
    epochs_to_best: int
    validation_loss: float
    diverged: bool


def fit_network(
    network: StudyNetwork,
    train: tuple[Inputs, Tensor],
    validation: tuple[Inputs, Tensor],
    settings: FitSettings,
    seed: int,
    varied: Callable[[Inputs, torch.Generator], Inputs] | None = None,
) -> Training:
    """Train with early stopping on the validation loss; test data is nowhere near.

    Args:
        network: to train, in place.
        train, validation: scenes and their classes [S].
        settings: the same for all cells.
        seed: of batches and of what ``varied`` draws.
        varied: what is done to each batch before the network sees it, such as modality dropout.

    Reference: Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates"
        (2019), for the one cycle.
    """
    begin = time.process_time()
    # One pass over all parameters instead of one per step of the formula: these networks are made of small tensors.
    optimiser = torch.optim.AdamW(
        network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )
    num_steps = settings.num_epochs * -(-train[0].num_scenes // settings.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, num_steps)
    random = torch.Generator().manual_seed(seed)
    best, best_loss, best_epoch, epoch, finite = copy.deepcopy(network.state_dict()), float("inf"), 0, 0, True
    while finite and epoch < settings.num_epochs and epoch - best_epoch < settings.patience:
        epoch += 1
        finite = _one_epoch(network, train, settings, optimiser, schedule, random, varied)
        loss = mean_loss(network, *validation) if finite else float("nan")
        if loss < best_loss:
            best, best_loss, best_epoch = copy.deepcopy(network.state_dict()), loss, epoch
    network.load_state_dict(best)
    chance = torch.tensor(float(network.answer.out_features)).log().item()
    diverged = not finite or not best_loss < chance
    return Training(time.process_time() - begin, epoch, best_epoch, best_loss, diverged)


def mean_loss(network: StudyNetwork, given: Inputs, label: Tensor) -> float:
    """Mean negative log likelihood."""
    return float(nll(probability_of(network, given), label))


def nll(probability: Tensor, label: Tensor) -> Tensor:
    """Mean negative log likelihood of [S, C] for [S]."""
    chosen = probability.gather(1, label[:, None]).clamp(min=_LEAST_PROBABILITY)
    return -chosen.log().mean()


@torch.no_grad()
def probability_of(network: StudyNetwork, given: Inputs, rows: int = 1024) -> Tensor:
    """Class probabilities [S, C] of any number of scenes; the batch changes nothing."""
    network.eval()
    parts = torch.arange(given.num_scenes).split(rows)
    return torch.cat([network(given.rows(part)).probability for part in parts])


def _one_epoch(
    network: StudyNetwork,
    train: tuple[Inputs, Tensor],
    settings: FitSettings,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    random: torch.Generator,
    varied: Callable[[Inputs, torch.Generator], Inputs] | None,
) -> bool:
    """Whether all losses were finite."""
    network.train()
    given, label = train
    for rows in torch.randperm(given.num_scenes, generator=random).split(settings.batch_size):
        batch = given.rows(rows)
        loss = nll(network(batch if varied is None else varied(batch, random)).probability, label[rows])
        if not torch.isfinite(loss):
            return False
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return True
