"""Decoders: what a hidden stream should have been, told by the others."""

from sensorgraph.decoders.summary import Reconstruction, SummaryDecoder

KINDS: dict[str, type[SummaryDecoder]] = {"summary": SummaryDecoder}

__all__ = ["KINDS", "Reconstruction", "SummaryDecoder"]
