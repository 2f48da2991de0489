"""A simulated machine that is observed through every modality, with true labels."""

from sensorgraph.simulate.config import FaultConfig, SimulatorConfig
from sensorgraph.simulate.fault_spec import FAULT_KINDS, FaultSpec
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.recording import Simulated, simulate, simulate_recording

__all__ = [
    "FAULT_KINDS",
    "FaultConfig",
    "FaultSpec",
    "Latents",
    "Simulated",
    "SimulatorConfig",
    "simulate",
    "simulate_recording",
]
