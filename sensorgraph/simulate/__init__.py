"""A simulated machine that is observed through every modality, with true labels."""

from sensorgraph.simulate.config import FaultConfig, SimulatorConfig
from sensorgraph.simulate.contextual import LEVEL_OF, WITNESS_OF, Rotation, as_recording, rotate, rotate_ranks, swap
from sensorgraph.simulate.dataset import (
    DatasetPlan,
    DatasetSize,
    MadeRecording,
    PlannedContextual,
    PlannedRecording,
    plan_dataset,
)
from sensorgraph.simulate.faults.draw import draw_faults
from sensorgraph.simulate.faults.spec import FAULT_KINDS, FaultSpec
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.physical import PHYSICAL_SENSORS
from sensorgraph.simulate.recording import Simulated, simulate, simulate_recording
from sensorgraph.simulate.three_way import ThreeWay, break_relation, three_way

__all__ = [
    "FAULT_KINDS",
    "LEVEL_OF",
    "PHYSICAL_SENSORS",
    "WITNESS_OF",
    "DatasetPlan",
    "DatasetSize",
    "FaultConfig",
    "FaultSpec",
    "Latents",
    "MadeRecording",
    "PlannedContextual",
    "PlannedRecording",
    "Rotation",
    "Simulated",
    "SimulatorConfig",
    "ThreeWay",
    "as_recording",
    "break_relation",
    "draw_faults",
    "plan_dataset",
    "rotate",
    "rotate_ranks",
    "simulate",
    "simulate_recording",
    "swap",
    "three_way",
]
