"""The folder of a run: what lies where, and how it is read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sensorgraph.config import load, to_yaml
from sensorgraph.errors import FileFormatError
from sensorgraph.graph.dataset import SceneDataset
from sensorgraph.graph.transforms import NormaliseSummary
from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.run.assemble import build_model
from sensorgraph.run.calibrate import Calibrated
from sensorgraph.run.prepare import Fitted
from sensorgraph.run.run_file import RunFile
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.training.checkpoint import load_checkpoint, restore_weights
from sensorgraph.training.stages import MODEL

RUN_FILE = "run.yaml"
PREPARED_FILE = "prepared.txt"
"""Holds the folder of the prepared scenes."""
CACHE = Path("data") / "prepared"


@dataclass(frozen=True)
class FinishedRun:
    """A trained run.

    Attributes:
        folder: where it lies.
        run: its resolved run file.
        fitted: schema and statistics.
        model: with its trained weights, in evaluation mode.
    """

    folder: Path
    run: RunFile
    fitted: Fitted
    model: SceneGNN

    @property
    def bin_s(self) -> float:
        """Length of a bin (s)."""
        return self.fitted.schema.clock.bin_s

    def dataset(self, split: str) -> SceneDataset:
        """Prepared scenes of a split (``train``, ``validation``, ``calibration`` or ``test``), normalised.

        Raises:
            FileFormatError: the prepared scenes are gone.
        """
        place = Path((self.folder / PREPARED_FILE).read_text().strip())
        return SceneDataset(place / split, NormaliseSummary(self.fitted.summaries))

    def calibrated(self) -> Calibrated:
        """Scorer and threshold.

        Raises:
            FileFormatError: the run was never calibrated.
        """
        try:
            return Calibrated.load(self.folder)
        except FileNotFoundError as error:
            raise FileFormatError(
                f"{self.folder}: has no threshold yet; run `sensorgraph evaluate {self.folder}` first"
            ) from error


def new_folder(config: str | Path, out: str | None, resume: bool) -> Path:
    """Where a run goes: ``--out``, or ``runs/NAME-DATE-TIME``; with ``resume`` the newest run of that name.

    Raises:
        FileFormatError: ``out`` holds a run already and nobody said to resume it, or there is nothing to resume.
    """
    name = Path(config).stem
    if out is not None:
        folder = Path(out)
        if (folder / RUN_FILE).is_file() and not resume:
            raise FileFormatError(
                f"{folder}: holds a run already; add --resume to go on with it, or choose another --out"
            )
        return folder
    if resume:
        found = sorted(path.parent for path in Path("runs").glob(f"{name}-*/{RUN_FILE}"))
        if not found:
            raise FileFormatError(f"runs: nothing to resume for '{name}'; leave --resume out (from {Path.cwd()})")
        return found[-1]
    return Path("runs") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"


def claim(folder: Path, run: object, resume: bool) -> None:
    """Write the resolved run file, or check that a resumed run has the same one."""
    text = to_yaml(run)
    file = folder / RUN_FILE
    if resume and file.is_file():
        if file.read_text() != text:
            raise FileFormatError(f"{file}: the run file has changed since; start a new run, or undo the change")
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(file, text.encode())


def open_run(folder: str | Path) -> FinishedRun:
    """A trained run from its folder.

    Raises:
        FileFormatError: the folder holds no finished run.
    """
    folder = Path(folder)
    for name in (RUN_FILE, MODEL):
        if not (folder / name).is_file():
            raise FileFormatError(f"{folder}: is no finished run, it lacks {name}; train first, or give another folder")
    run = load(folder / RUN_FILE, RunFile)
    fitted = Fitted.load(folder)
    model = build_model(run, fitted.schema)
    restore_weights(model, load_checkpoint(folder / MODEL).weights, str(folder / MODEL))
    return FinishedRun(folder, run, fitted, model.eval())
