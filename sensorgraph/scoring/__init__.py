"""From scores to alarms: tails, thresholds with a stated false-alarm rate, events."""

from sensorgraph.scoring.events import Event, events_table, find_events
from sensorgraph.scoring.rate_curve import RateCurve, RateInterval
from sensorgraph.scoring.streaming import StreamingThreshold
from sensorgraph.scoring.threshold import Threshold, fit_threshold

__all__ = [
    "Event",
    "RateCurve",
    "RateInterval",
    "StreamingThreshold",
    "Threshold",
    "events_table",
    "find_events",
    "fit_threshold",
]
