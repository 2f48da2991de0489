"""How the 32 bits of a pair are to be read: unsigned, signed, or as a float."""

from __future__ import annotations

import numpy as np

from sensorgraph.words.found import Encoding

USUAL_EXPONENTS = (100, 157)
"""Biased exponents of floats that instruments report: 1e-8 to 1e9 in size."""


def encoding_of(msb: np.ndarray, recurs: bool) -> Encoding:
    """The encoding, from the high words alone: the low ones look alike in all three.

    Floats of either sign are ordered as whole numbers are, so carries do not tell them apart. What does is where the
    high words lie: a float's exponent is that of a usual quantity at nearly every sample (or the value is 0), while
    whole numbers are small for their width or cross 0 between 0xFFFF and 0x0000.

    Args:
        msb: [T] uint16, bit errors taken back.
        recurs: the pair was found because its halves return together, not by carries: the way of rounded floats.

    Example:
        >>> import numpy as np
        >>> degrees = np.linspace(20, 40, 50).astype(np.float32).view(np.uint32)
        >>> encoding_of((degrees >> 16).astype(np.uint16), recurs=False)
        'f32'
        >>> encoding_of(np.array([0xFFFF, 0, 1], np.uint16), recurs=False)
        'i32'
    """
    signed = msb.view(np.int16)
    exponent = (msb >> 7) & 0xFF
    # A float that is 0 has no exponent; a word that is never anything else is no float.
    zero = (msb & 0x7FFF) == 0
    usual = (exponent >= USUAL_EXPONENTS[0]) & (exponent <= USUAL_EXPONENTS[1])
    if float((usual | zero).mean()) > 0.99 and float(usual.mean()) > 0.1:
        return "f32"
    if recurs and float((usual | zero).mean()) > 0.9:
        return "f32"
    crosses = bool((np.abs(signed.astype(np.int64)) < 0x4000).all() and signed.min() < 0)
    return "i32" if crosses or bool((signed < 0).all()) else "u32"
