"""Files of other tools as recordings."""

from sensorgraph.io.can.mdf4 import read_mdf4
from sensorgraph.io.can.recording import read_candump
from sensorgraph.io.npz import TrainTest, read_train_test, read_words
from sensorgraph.io.open import READERS, is_table, kind_of, open_recording, open_recordings, options_of
from sensorgraph.io.table import read_table
from sensorgraph.io.ulog import read_ulog

__all__ = [
    "READERS",
    "TrainTest",
    "is_table",
    "kind_of",
    "open_recording",
    "open_recordings",
    "options_of",
    "read_candump",
    "read_mdf4",
    "read_table",
    "read_train_test",
    "read_ulog",
    "read_words",
]
