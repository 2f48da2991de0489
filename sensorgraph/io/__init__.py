"""Files of other tools as recordings."""

from sensorgraph.io.table import read_table

__all__ = ["read_table"]
