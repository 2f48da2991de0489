"""The stages of training, one after the other, and where to go on after an interruption."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import lightning
import torch
from lightning.fabric.utilities.warnings import PossibleUserWarning
from lightning.pytorch.callbacks import TQDMProgressBar
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor
from torch_geometric.data import Dataset, HeteroData
from torch_geometric.loader import DataLoader

from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.training.checkpoint import Progress, load_checkpoint, restore_weights, save_checkpoint
from sensorgraph.training.class_objective import ClassObjective
from sensorgraph.training.collated import CollatedLoader
from sensorgraph.training.encoded import encode_all
from sensorgraph.training.going_on import GoingOn, Loader
from sensorgraph.training.module import StageModule, freeze
from sensorgraph.training.objective import FusionObjective
from sensorgraph.training.pretraining import PretrainObjective
from sensorgraph.training.settings import StageSettings, TrainingSettings

CHECKPOINT = "checkpoint.safetensors"
BEST = "best_of_stage.safetensors"
MODEL = "model.safetensors"
TENSORBOARD = "tensorboard"


@dataclass(frozen=True)
class Splits:
    """Data sets of scenes that training may see: normal ones, or ones with classes.

    Attributes:
        train, validation: to learn from, and to stop by.
        are_small: batches are put together once for several epochs (`CollatedLoader`), because putting small scenes
            together takes longer than learning from them. In one process only.
    """

    train: Dataset
    validation: Dataset
    are_small: bool = False


@dataclass(frozen=True)
class TrainingPlace:
    """Where and how training runs.

    Attributes:
        folder: of the run.
        accelerator: Lightning's name of the device kind (``auto``, ``cpu``, ``cuda``).
        resume: go on from the last complete checkpoint of the folder, if there is one.
        progress_bar: show one.
    """

    folder: Path
    accelerator: str = "cpu"
    resume: bool = False
    progress_bar: bool = True


def train(
    model: SceneGNN,
    splits: Splits,
    settings: TrainingSettings,
    augment: Callable[[HeteroData], HeteroData],
    place: TrainingPlace,
    objective: Callable[[], FusionObjective | ClassObjective] | None = None,
) -> list[Progress]:
    """All stages; the model ends with the weights of the last stage's best epoch, also in ``model.safetensors``.

    Args:
        model: the network, with fresh weights.
        splits: what it learns from, and what it is stopped by.
        settings: of all stages.
        augment: makes the views of the first stage.
        place: where and how.
        objective: makes that of the second and third stage; `FusionObjective` by default.

    Returns:
        What became of each stage that was run.

    Example:
        >>> import tempfile
        >>> from sensorgraph.graph.dataset import GraphList
        >>> from sensorgraph.graph.transforms import Jitter
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run()
        >>> scenes = run.graphs()
        >>> splits = Splits(GraphList(scenes[:4]), GraphList(scenes[4:]))
        >>> once, never = StageSettings(epochs=1), StageSettings(epochs=0)
        >>> place = TrainingPlace(Path(tempfile.mkdtemp()), progress_bar=False)
        >>> done = train(run.model(dim=8), splits, TrainingSettings(never, once, never), Jitter(0.1), place)
        >>> [progress.stage for progress in done], (place.folder / MODEL).is_file()
        (['fuse'], True)
    """
    stages: dict[str, StageSettings] = {
        "pretrain": settings.pretrain,
        "fuse": settings.fuse,
        "finetune": settings.finetune,
    }
    done, begun = _take_up(model, list(stages), place)
    out = []
    for name, stage in stages.items():
        if name in done or stage.epochs == 0:
            continue
        out.append(_run_stage(name, model, splits, settings, stage, augment, place, begun, objective))
        begun = None
    _meet()
    if int(os.environ.get("RANK", "0")) == 0:
        save_checkpoint(place.folder / MODEL, model, Progress("done", 0, finished=True))
    return out


def _take_up(model: SceneGNN, names: list[str], place: TrainingPlace) -> tuple[set[str], Progress | None]:
    """Stages that are complete, and the one that was begun."""
    file = place.folder / CHECKPOINT
    if not (place.resume and file.is_file()):
        return set(), None
    found = load_checkpoint(file)
    if found.progress.finished:
        restore_weights(model, found.weights, str(file))
        return set(names[: names.index(found.progress.stage) + 1]), None
    return set(names[: names.index(found.progress.stage)]), found.progress


def _run_stage(
    name: str,
    model: SceneGNN,
    splits: Splits,
    settings: TrainingSettings,
    stage: StageSettings,
    augment: Callable[[HeteroData], HeteroData],
    place: TrainingPlace,
    begun: Progress | None,
    later: Callable[[], FusionObjective | ClassObjective] | None,
) -> Progress:
    objective: FusionObjective | ClassObjective | PretrainObjective
    if name == "pretrain":
        objective = PretrainObjective(model.dim, augment, settings.pretrain_losses)
    else:
        objective = FusionObjective(settings.losses) if later is None else later()
    checkpoint, best = place.folder / CHECKPOINT, place.folder / BEST
    module = StageModule(
        name,
        model,
        objective,
        stage,
        settings.weight_decay,
        checkpoint,
        best,
        rate_factors=settings.learning_rate_factors,
        modality_dropout=settings.modality_dropout,
    )
    random: Tensor | None = None
    if begun is not None:
        found = load_checkpoint(checkpoint)
        restore_weights(module, found.weights, str(checkpoint))
        module.progress, module.optimizer_state, random = begun, found.optimizer, found.random
    freeze(model, name == "pretrain")
    freeze(model.encoders, name == "fuse")
    train_data, validation_data = splits.train, splits.validation
    if name == "fuse":
        train_data, validation_data = encode_all(model, train_data), encode_all(model, validation_data)
        if begun is None:
            for closed_form in (model.factors, model.memory):
                if closed_form is not None:
                    closed_form.fit(train_data)
    loader: Loader = DataLoader(train_data, batch_size=stage.batch_size, shuffle=True)
    judged: Loader = DataLoader(validation_data, batch_size=stage.batch_size)
    if splits.are_small:
        loader = CollatedLoader(list(train_data), stage.batch_size)
        judged = CollatedLoader(list(validation_data), stage.batch_size, shuffled=False)
    if random is not None and os.environ.get("WORLD_SIZE", "1") == "1":
        loader = GoingOn(loader, random)  # several processes divide the loader itself, and each has its own luck
    module.steps_per_epoch = -(-len(loader) // (stage.accumulate * int(os.environ.get("WORLD_SIZE", "1"))))
    left = stage.epochs - module.progress.next_epoch
    if left > 0 and module.progress.epochs_without_gain < stage.patience:
        trainer = _trainer(name, left, stage, settings, place)
        with warnings.catch_warnings():
            # Reading a prepared scene takes a millisecond; workers would cost more than they bring.
            warnings.simplefilter("ignore", PossibleUserWarning)
            warnings.filterwarnings("ignore", message=".*does not have many workers.*")
            # Lightning 2.6 asks torch 2.13 for something that it now calls by another name.
            warnings.filterwarnings("ignore", message=".*LeafSpec.*", category=FutureWarning)
            trainer.fit(module, loader, judged)
    _meet()  # nobody reads the file before the first process has written it ...
    if best.is_file():
        restore_weights(model, load_checkpoint(best).weights, str(best))
    freeze(model, False)
    finished = replace(module.progress, finished=True)
    _meet()  # ... and it is not deleted before everybody has read it
    if int(os.environ.get("RANK", "0")) == 0:
        save_checkpoint(checkpoint, model, finished)
        best.unlink(missing_ok=True)
    return finished


def _meet() -> None:
    """Wait for the other processes of torchrun, if there are any."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()


def _trainer(
    name: str, epochs: int, stage: StageSettings, settings: TrainingSettings, place: TrainingPlace
) -> lightning.Trainer:
    world = int(os.environ.get("WORLD_SIZE", "1"))
    return lightning.Trainer(
        accelerator=place.accelerator,
        devices=int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if world > 1 else 1,
        strategy="ddp_find_unused_parameters_true" if world > 1 else "auto",
        max_epochs=epochs,
        precision=settings.precision,
        gradient_clip_val=settings.gradient_clip,
        accumulate_grad_batches=stage.accumulate,
        logger=TensorBoardLogger(str(place.folder), name=TENSORBOARD, version=name),
        callbacks=[TQDMProgressBar(refresh_rate=5)] if place.progress_bar else [],
        enable_progress_bar=place.progress_bar,
        enable_checkpointing=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        log_every_n_steps=5,
    )
