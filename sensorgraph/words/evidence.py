"""The kinds of evidence for a pair of words, in the order in which networks get them."""

from __future__ import annotations

EVIDENCE: tuple[str, ...] = (
    "carry_correlation",  # of all steps with all roll-overs, at the best lag (0..1)
    "lag_margin",  # by how much the best lag is better than the second best
    "rival_of_msb",  # best carry correlation of this MSB with any other LSB, minus this one
    "rival_of_lsb",  # best carry correlation of this LSB with any other MSB, minus this one
    "step_match",  # share of MSB steps that a carry explains exactly
    "wrap_match",  # share of LSB roll-overs that an MSB step answers exactly
    "step_smooth",  # share of MSB steps at which the joined value goes on as before
    "wrap_smooth",  # share of LSB roll-overs at which the joined value goes on as before
    "step_opposite",  # share of MSB steps at a carry of the other sign
    "smoothness",  # how far inside 2^16 the joined value's bend stays, 1 is perfectly steady, 0 is chance or worse
    "swapped_smoothness",  # the same with the two words in the other order
    "likelihood",  # log likelihood ratio of the MSB's steps given the LSB: asinh(nats) / 4
    "likelihood_per_event",  # the same per event, in nats / 5
    "recurrence",  # log likelihood ratio that the MSB returns whenever the LSB does: asinh(nats) / 4 (0: no)
    "joint_change",  # how much more often the LSB changes when the MSB does
    "speed",  # usual change of the joined value per sample, in units of 2^16: asinh / 4
    "lag",  # lag / 2
    "num_steps",  # log10(1 + MSB steps) / 3
    "num_wraps",  # log10(1 + LSB roll-overs) / 3
    "small_step_share",  # share of MSB changes that are small enough to be followed
    "step_rate",  # share of samples at which the MSB steps
    "wrap_rate",  # share of samples at which the LSB rolls over
    "rate_ratio",  # log2(rate of LSB / rate of MSB) / 4
    "same_clock",  # 1 where both have the same sampling times, so that a carry must be exact to the sample
    "known",  # share of looked-at events where all words are there
)
"""Names of the columns of `Candidates.evidence`."""
