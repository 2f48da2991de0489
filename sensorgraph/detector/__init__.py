"""One call finds what goes wrong in a recording, at a stated false-alarm rate, and names the channels to blame."""

from sensorgraph.detector.alarms import Alarm, Alarms
from sensorgraph.detector.anomaly_detector import AnomalyDetector
from sensorgraph.detector.fitted import MIN_ROWS

__all__ = ["MIN_ROWS", "Alarm", "Alarms", "AnomalyDetector"]
