"""One stage of training as a Lightning module."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from sensorgraph.losses import LossSum
from sensorgraph.models.modality_dropout import drop_modalities
from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.training.checkpoint import Progress, restore_optimizer, save_checkpoint
from sensorgraph.training.class_objective import ClassObjective
from sensorgraph.training.objective import FusionObjective
from sensorgraph.training.parameter_groups import parameter_groups
from sensorgraph.training.pretraining import PretrainObjective
from sensorgraph.training.settings import DropoutRates, RateFactors, StageSettings
from sensorgraph.training.validation_figures import class_accuracy, validation_figures

_WARM_UP_SHARE = 0.05
_VALIDATION_SEED = 20_261


class StageModule(lightning.LightningModule):
    """Minimises an objective over the parameters that are not frozen.

    Keeps the weights of the best validation loss, and writes a checkpoint after every epoch.

    Args:
        name: of the stage.
        model: the network; frozen parts have ``requires_grad`` False.
        objective: of the stage.
        settings: of the stage.
        weight_decay: of AdamW.
        first_epoch: where to go on after an interruption.
        checkpoint: file that is replaced after every epoch; None writes none.
        best: file with the weights of the smallest validation loss; None writes none.
        progress: what a checkpoint said.
        optimizer_state: what a checkpoint held.
        rate_factors: of the learning rate of each modality's own weights.
        modality_dropout: how often a whole modality is hidden; never in validation.
    """

    def __init__(
        self,
        name: str,
        model: SceneGNN,
        objective: FusionObjective | ClassObjective | PretrainObjective,
        settings: StageSettings,
        weight_decay: float = 0.0,
        checkpoint: Path | None = None,
        best: Path | None = None,
        progress: Progress | None = None,
        optimizer_state: dict[str, Tensor] | None = None,
        rate_factors: RateFactors | None = None,
        modality_dropout: DropoutRates | None = None,
    ) -> None:
        super().__init__()
        self.stage = name
        self.model = model
        self.objective = objective
        self.settings = settings
        self.weight_decay = weight_decay
        self.checkpoint = checkpoint
        self.best = best
        self.progress = progress or Progress(name, 0)
        self.optimizer_state = optimizer_state
        self.rate_factors = rate_factors or RateFactors()
        self.modality_dropout = modality_dropout or DropoutRates()
        self.steps_per_epoch = 1

    def training_loss(self, graph: HeteroData) -> LossSum:
        """All terms of one batch, with whole modalities hidden as often as the settings say."""
        rates = {modality: rate for modality, rate in asdict(self.modality_dropout).items() if rate}
        if isinstance(self.objective, PretrainObjective) or not rates:
            return self.loss(graph)
        return self.objective(self.model, graph, drop_modalities(self.objective.hide(graph), graph, rates))

    def loss(self, graph: HeteroData, generator: torch.Generator | None = None) -> LossSum:
        """All terms of one batch."""
        if isinstance(self.objective, PretrainObjective):
            return self.objective(self.model, graph)
        return self.objective(self.model, graph, self.objective.hide(graph, generator))

    def training_step(self, batch: HeteroData, batch_idx: int) -> Tensor:
        """One step of Lightning's loop."""
        found = self.training_loss(batch)
        self._log("train", found, batch)
        return found.total

    def on_validation_epoch_start(self) -> None:
        """The same things are hidden in every epoch, so that epochs can be compared."""
        self.validation_generator = torch.Generator().manual_seed(_VALIDATION_SEED)
        self.validation_losses: list[float] = []

    def validation_step(self, batch: HeteroData, batch_idx: int) -> None:
        """One step of Lightning's loop."""
        found = self.loss(batch, self.validation_generator)
        self.validation_losses.append(float(found.total.detach()))
        self._log("validation", found, batch)
        if isinstance(self.objective, ClassObjective):
            share = class_accuracy(self.model, batch)
            num = max(share.num_judged, 1)
            self.log(f"{self.stage}/validation/class_accuracy", share.num_right / num, batch_size=num, on_epoch=True)
        if isinstance(self.objective, FusionObjective):
            for name, share in validation_figures(self.model, batch).items():
                value = share.num_right / share.num_judged
                self.log(f"{self.stage}/validation/{name}", value, batch_size=share.num_judged, on_epoch=True)

    def on_validation_epoch_end(self) -> None:
        """Remember the best weights, and write how far the run has come."""
        if self.trainer.sanity_checking:
            return
        loss = float(self.trainer.strategy.reduce(torch.tensor(self.validation_losses).mean()))
        self.log("validation/total", loss, prog_bar=True, rank_zero_only=True)
        better = loss < self.progress.best_loss
        self.progress = Progress(
            self.stage,
            self.progress.next_epoch + 1,
            min(loss, self.progress.best_loss),
            0 if better else self.progress.epochs_without_gain + 1,
        )
        if self.trainer.is_global_zero:
            if better and self.best is not None:
                save_checkpoint(self.best, self.model, self.progress)
            if self.checkpoint is not None:
                optimizer = self.optimizers(use_pl_optimizer=False)
                save_checkpoint(self.checkpoint, self, self.progress, optimizer)  # type: ignore[arg-type]
        if self.progress.epochs_without_gain >= self.settings.patience:
            self.trainer.should_stop = True

    def configure_optimizers(self) -> Any:
        """AdamW with a warm-up and a cosine over the whole stage."""
        groups = parameter_groups(self.named_parameters(), self.settings.learning_rate, self.rate_factors)
        optimizer = torch.optim.AdamW(groups, self.settings.learning_rate, weight_decay=self.weight_decay)
        steps = max(self.settings.epochs * self.steps_per_epoch, 1)
        done = self.progress.next_epoch * self.steps_per_epoch
        if self.optimizer_state:
            restore_optimizer(optimizer, self.optimizer_state)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate((step + done) / steps))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _log(self, split: str, found: LossSum, batch: HeteroData) -> None:
        for name, value in found.raw.items():
            self.log(f"{self.stage}/{split}/{name}", float(value), batch_size=len(batch.scene_id), on_epoch=True)
        total = f"{self.stage}/{split}/total"
        self.log(total, float(found.total.detach()), batch_size=len(batch.scene_id), on_epoch=True, prog_bar=True)


def _rate(share: float) -> float:
    if share < _WARM_UP_SHARE:
        return (share + 1e-3) / (_WARM_UP_SHARE + 1e-3)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min((share - _WARM_UP_SHARE) / (1 - _WARM_UP_SHARE), 1.0)))


def freeze(module: nn.Module, frozen: bool = True) -> None:
    """Stop (or resume) training of a part of the network."""
    for parameter in module.parameters():
        parameter.requires_grad_(not frozen)
