"""Figures of what the heads say about words: types, pairs, order, roll-overs, bits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sensorgraph.evaluation.bits import flag_counts, mask_iou
from sensorgraph.evaluation.channel_types import type_figures
from sensorgraph.evaluation.overflow import overflow_counts
from sensorgraph.evaluation.pairs import pair_figures
from sensorgraph.training.predict import Predictions
from sensorgraph.words.assignment import one_to_one

MIN_PROBABILITY = 0.5


def found_pairs(pairs: pd.DataFrame, min_probability: float = MIN_PROBABILITY) -> pd.DataFrame:
    """The pairs of each scene: probable, each channel in at most one, in the order that the head says.

    Returns:
        Columns ``scene, msb, lsb, probability, lag_samples``.
    """
    parts = []
    for scene, rows in pairs.groupby("scene", sort=False):
        kept = rows[rows["probability"] >= min_probability]
        names = pd.unique(kept[["msb", "lsb"]].to_numpy().ravel())
        number = {name: place for place, name in enumerate(names)}
        link = kept[["msb", "lsb"]].map(number.__getitem__).to_numpy(np.int64).reshape(-1, 2)
        chosen = kept.iloc[one_to_one(link, kept["probability"].to_numpy(), len(names))]
        swapped = chosen["swapped_probability"].to_numpy() > 0.5
        parts.append(
            pd.DataFrame(
                {
                    "scene": scene,
                    "msb": np.where(swapped, chosen["lsb"], chosen["msb"]),
                    "lsb": np.where(swapped, chosen["msb"], chosen["lsb"]),
                    "probability": chosen["probability"].to_numpy(),
                    "lag_samples": chosen["lag_samples"].to_numpy(),
                }
            )
        )
    columns = ["scene", "msb", "lsb", "probability", "lag_samples"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def structure_figures(predictions: Predictions, true_pairs: pd.DataFrame) -> dict[str, float]:
    """All structure figures over the scenes of a prediction.

    Args:
        predictions: of scenes with channel truth.
        true_pairs: columns ``scene, msb, lsb``: every true pair, also those that are no candidates.
    """
    channels = predictions.channels[predictions.channels["true_type"] >= 0]
    found_types = channels[["one_word", "two_word", "complex_bits"]].to_numpy().argmax(1)
    types = type_figures(channels["true_type"].to_numpy(), found_types)
    pairs = pair_figures(_named(true_pairs), _named(found_pairs(predictions.pairs)))
    overflow = predictions.overflow[predictions.overflow["is_pair"] == 1]
    rolls = overflow_counts(overflow["truth"].to_numpy() > 0.5, overflow["probability"].to_numpy() > 0.5)
    flags = flag_counts(channels["true_flag_bits"].to_numpy(), channels["flag_bits"].to_numpy())
    return {
        "type acc": types.accuracy,
        "type macro-F1": types.macro_f1,
        "pair P": pairs.counts.precision,
        "pair R": pairs.counts.recall,
        "pair F1": pairs.counts.f1,
        "order acc": pairs.order_accuracy,
        "overflow F1": rolls.f1,
        "bitmask IoU": mask_iou(channels["true_live_bits"].to_numpy(), channels["live_bits"].to_numpy()),
        "flag F1": flags.f1,
    }


def _named(pairs: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs with their scene in the name, so that scenes do not mix."""
    return [(f"{row.scene}/{row.msb}", f"{row.scene}/{row.lsb}") for row in pairs.itertuples()]
