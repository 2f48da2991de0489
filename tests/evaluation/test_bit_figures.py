"""Bits and overflow bins by hand and by property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorgraph.errors import DataError
from sensorgraph.evaluation.bits import boundary_counts, flag_counts, mask_iou
from sensorgraph.evaluation.overflow import overflow_counts

masks = st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)), min_size=1, max_size=20)


@given(masks)
def test_iou_is_symmetric_bounded_and_1_for_the_truth(pairs):
    truth, found = np.array(pairs).T
    assert 0 <= mask_iou(truth, found) <= 1
    assert mask_iou(truth, found) == mask_iou(found, truth)
    assert mask_iou(truth, truth) == 1


@given(masks)
def test_flag_counts_agree_with_counting_ones(pairs):
    truth, found = np.array(pairs).T
    counts = flag_counts(truth, found)
    assert counts.num_hits + counts.num_missed == sum(bin(mask).count("1") for mask in truth)
    assert counts.num_hits + counts.num_false == sum(bin(mask).count("1") for mask in found)


def test_only_judged_bits_count():
    assert flag_counts([0b111], [0b001]).recall == pytest.approx(1 / 3)
    assert flag_counts([0b111], [0b001], judged_masks=[0b011]).recall == 0.5


def test_boundaries_by_hand():
    truth = [[(0, 0), (1, 1), (2, 7)], [(0, 15)]]
    counts = boundary_counts(truth, [[(0, 0), (1, 7)], [(0, 7), (8, 15)]])
    assert (counts.num_hits, counts.num_false, counts.num_missed) == (2, 1, 1)
    assert boundary_counts(truth, truth).f1 == 1


def test_overflow_by_hand():
    counts = overflow_counts([[1, 0, 1], [0, 0, 1]], [[1, 1, 0], [0, 0, 1]], judged_bins=[[1, 1, 1], [1, 1, 0]])
    assert (counts.num_hits, counts.num_false, counts.num_missed) == (1, 1, 1)


def test_refuses_what_is_no_mask_field_or_bin():
    with pytest.raises(DataError, match="65535"):
        mask_iou([70000], [1])
    with pytest.raises(DataError, match="65535"):
        flag_counts([0.5], [1])
    with pytest.raises(DataError, match="one mask per channel"):
        mask_iou([1, 2], [1])
    with pytest.raises(DataError, match=r"bits 0\.\.15"):
        boundary_counts([[(0, 16)]], [[(0, 15)]])
    with pytest.raises(DataError, match="same channels"):
        boundary_counts([[(0, 15)]], [])
    with pytest.raises(DataError, match="shape"):
        overflow_counts([[0, 1]], [0, 1])
    with pytest.raises(DataError, match="probabilities"):
        overflow_counts([[0, 1]], [[0.2, 0.9]])
