"""Files of other tools as recordings."""

from sensorgraph.io.npz import TrainTest, read_train_test, read_words
from sensorgraph.io.open import READERS, is_table, open_recording, open_recordings
from sensorgraph.io.table import read_table

__all__ = [
    "READERS",
    "TrainTest",
    "is_table",
    "open_recording",
    "open_recordings",
    "read_table",
    "read_train_test",
    "read_words",
]
