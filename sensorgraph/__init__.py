"""Graph neural networks for multi-rate, multi-modal telemetry."""

__version__ = "0.1.0"
