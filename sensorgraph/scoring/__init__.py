"""From scores to alarms: tails, thresholds with a stated false-alarm rate, events."""

from sensorgraph.scoring.events import Event, events_table, find_events
from sensorgraph.scoring.tail import RateInterval, TailModel
from sensorgraph.scoring.threshold import Threshold, fit_threshold

__all__ = ["Event", "RateInterval", "TailModel", "Threshold", "events_table", "find_events", "fit_threshold"]
