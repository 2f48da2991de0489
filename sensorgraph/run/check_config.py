"""Checks a run file (or the file of 'simulate') without opening any data: all mistakes are listed at once.

A file without mistakes is printed as it will be used, with every default filled in, if --resolved is given.
"""

from __future__ import annotations

import argparse

from sensorgraph.config import load, read_yaml, to_yaml
from sensorgraph.run.arguments import add_config, add_network, network_overrides
from sensorgraph.run.assemble import check_network
from sensorgraph.run.class_file import ClassFile, is_classes, source_of
from sensorgraph.run.coverage import check_named
from sensorgraph.run.detector_file import DetectorFile, is_detector
from sensorgraph.run.rules_file import RulesFile, is_rules
from sensorgraph.run.run_file import RunFile
from sensorgraph.run.simulate import SimulationFile
from sensorgraph.run.study_file import StudyFile, is_study
from sensorgraph.run.words_file import WordsFile, is_words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_config(parser)
    add_network(parser)
    parser.add_argument("--resolved", action="store_true", help="print the complete file")


def run(args: argparse.Namespace) -> int:
    """Runs the verb."""
    settings: object = load(args.config, schema_of(args.config), [*args.overrides, *network_overrides(args)])
    if isinstance(settings, RunFile | ClassFile):
        check_named(args.modalities or (), settings.encoders)
        check_network(settings)
        settings.data.build() if isinstance(settings, RunFile) else source_of(settings)
    if args.resolved:
        print(to_yaml(settings), end="")
    print(f"# {args.config}: no mistakes")
    return 0


def schema_of(path: str) -> type:
    """What a file must hold, told by its sections."""
    if is_simulation(path):
        return SimulationFile
    if is_study(path):
        return StudyFile
    if is_classes(path):
        return ClassFile
    if is_rules(path):
        return RulesFile
    if is_detector(path):
        return DetectorFile
    return WordsFile if is_words(path) else RunFile


def is_simulation(path: str) -> bool:
    """Whether a file is one of 'simulate': it describes the machine at its top, and names no data."""
    content = read_yaml(path)
    return isinstance(content, dict) and "simulate" in content and "data" not in content
