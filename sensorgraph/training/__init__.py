"""Training in stages, checkpoints, and from a trained model to tables: the last room with torch."""

from sensorgraph.training.checkpoint import Checkpoint, Progress, load_checkpoint, restore_weights, save_checkpoint
from sensorgraph.training.class_objective import CLASS_TERMS, ClassObjective
from sensorgraph.training.encoded import encode_all
from sensorgraph.training.fit_rules import LearnedRules, fit_rules
from sensorgraph.training.objective import FUSION_TERMS, FusionObjective
from sensorgraph.training.predict import Predictions, predict
from sensorgraph.training.pretraining import PRETRAIN_TERMS, PretrainObjective
from sensorgraph.training.settings import DropoutRates, RateFactors, StageSettings, TrainingSettings
from sensorgraph.training.stages import Splits, TrainingPlace, train

__all__ = [
    "CLASS_TERMS",
    "FUSION_TERMS",
    "PRETRAIN_TERMS",
    "Checkpoint",
    "ClassObjective",
    "DropoutRates",
    "FusionObjective",
    "LearnedRules",
    "Predictions",
    "PretrainObjective",
    "Progress",
    "RateFactors",
    "Splits",
    "StageSettings",
    "TrainingPlace",
    "TrainingSettings",
    "encode_all",
    "fit_rules",
    "load_checkpoint",
    "predict",
    "restore_weights",
    "save_checkpoint",
    "train",
]
