"""Honest figures: measures, controls, intervals and the table that shows them together."""

from sensorgraph.evaluation.alarm_rate import AlarmRate, alarm_rate
from sensorgraph.evaluation.attribution import AttributionFigures, attribution_figures
from sensorgraph.evaluation.bits import boundary_counts, flag_counts, mask_iou
from sensorgraph.evaluation.calibration import Calibration
from sensorgraph.evaluation.channel_types import TypeFigures, type_figures
from sensorgraph.evaluation.controls import CONTROLS, Control, control_scores
from sensorgraph.evaluation.counts import Counts
from sensorgraph.evaluation.events import EventFigures, event_figures
from sensorgraph.evaluation.intervals import Interval, Spread, bootstrap_mean, paired_difference, spread_over_seeds
from sensorgraph.evaluation.metrics import (
    AlarmFigures,
    BestF1,
    alarm_figures,
    auroc,
    average_precision,
    best_f1,
    figures_at,
)
from sensorgraph.evaluation.overflow import overflow_counts
from sensorgraph.evaluation.pairs import PairFigures, pair_figures
from sensorgraph.evaluation.range_f1 import RangeFigures, range_figures
from sensorgraph.evaluation.run_table import Row, RunTable
from sensorgraph.evaluation.vus import Vus, estimate_window, vus
from sensorgraph.evaluation.word_labels import word_truth
from sensorgraph.evaluation.word_reading import WordAnswer, WordFigures, WordTally, WordTruth

__all__ = [
    "CONTROLS",
    "AlarmFigures",
    "AlarmRate",
    "AttributionFigures",
    "BestF1",
    "Calibration",
    "Control",
    "Counts",
    "EventFigures",
    "Interval",
    "PairFigures",
    "RangeFigures",
    "Row",
    "RunTable",
    "Spread",
    "TypeFigures",
    "Vus",
    "WordAnswer",
    "WordFigures",
    "WordTally",
    "WordTruth",
    "alarm_figures",
    "alarm_rate",
    "attribution_figures",
    "auroc",
    "average_precision",
    "best_f1",
    "bootstrap_mean",
    "boundary_counts",
    "control_scores",
    "estimate_window",
    "event_figures",
    "figures_at",
    "flag_counts",
    "mask_iou",
    "overflow_counts",
    "pair_figures",
    "paired_difference",
    "range_figures",
    "spread_over_seeds",
    "type_figures",
    "vus",
    "word_truth",
]
