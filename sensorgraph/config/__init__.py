"""Run files: strict YAML, checked against the signatures of the classes that it names. Read by ``run`` alone."""

from sensorgraph.config.check import build, check
from sensorgraph.config.component import Choice, Slot
from sensorgraph.config.load import load
from sensorgraph.config.override import with_overrides
from sensorgraph.config.strict_yaml import parse_yaml, read_yaml
from sensorgraph.config.write_yaml import to_plain, to_yaml

__all__ = [
    "Choice",
    "Slot",
    "build",
    "check",
    "load",
    "parse_yaml",
    "read_yaml",
    "to_plain",
    "to_yaml",
    "with_overrides",
]
