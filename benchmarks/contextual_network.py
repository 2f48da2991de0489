"""The scene graph network on the contextual benchmark: trained on normal scenes, judged on recordings held out."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import lightning
from contextual_scenes import Normal

from sensorgraph.graph.build import build_graph
from sensorgraph.graph.dataset import GraphList
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.graph.summary_statistics import SummaryStatistics
from sensorgraph.graph.transforms import default_views
from sensorgraph.graph.transforms.normalise_summary import NormaliseSummary
from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.run.assemble import build_model
from sensorgraph.run.calibrate import Calibrated, calibrate
from sensorgraph.run.prepare import Fitted
from sensorgraph.run.run_file import RunFile
from sensorgraph.scenes import Scene
from sensorgraph.scoring.scorer import Scores
from sensorgraph.training.predict import predict
from sensorgraph.training.stages import Splits, TrainingPlace, train


@dataclass(frozen=True)
class Network:
    """A trained network, and what turns what it says into scores.

    Attributes:
        run: the run file.
        fitted: schema and normalisation, of the training scenes.
        model: in evaluation mode.
        calibrated: on normal scenes that training did not see.
    """

    run: RunFile
    fitted: Fitted
    model: SceneGNN
    calibrated: Calibrated

    def graphs(self, scenes: Iterable[Scene]) -> GraphList:
        """The graphs of any scenes."""
        return graphs_of(scenes, self.fitted)

    def scores(self, graphs: GraphList) -> Scores:
        """Scores bin by bin; every scene stands for itself, as if nothing came before or after."""
        residuals = predict(self.model, graphs).residuals
        return self.calibrated.scorer.score(residuals.assign(recording=residuals["scene"]))


def graphs_of(scenes: Iterable[Scene], fitted: Fitted) -> GraphList:
    """Scenes as normalised graphs, in memory."""
    normalise = NormaliseSummary(fitted.summaries)
    return GraphList([normalise(build_graph(scene, fitted.schema, fitted.values)) for scene in scenes])


def learn(run: RunFile, training: Normal, validation: Normal, calibration: Normal) -> Network:
    """Train a network on normal scenes, as ``sensorgraph train`` does, and calibrate it."""
    graph = run.graph
    schema = GraphSchema.fit(
        training.scenes, duration_s=graph.duration_s, num_bins=graph.num_bins, picture_size=graph.picture_size
    )
    values = ValueStatistics.fit(training.scenes, graph.normalise, graph.scope)
    summaries = SummaryStatistics.fit((build_graph(s, schema, values) for s in training.scenes), schema, graph.scope)
    fitted = Fitted(schema, values, summaries)
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.ERROR)
    lightning.seed_everything(run.seed, verbose=False)
    model = build_model(run, schema)
    with tempfile.TemporaryDirectory() as folder:
        place = TrainingPlace(Path(folder), progress_bar=False)
        splits = Splits(graphs_of(training.scenes, fitted), graphs_of(validation.scenes, fitted))
        train(model, splits, run.training, default_views(), place)
    residuals = predict(model.eval(), graphs_of(calibration.scenes, fitted)).residuals
    bin_s = graph.duration_s / graph.num_bins
    return Network(run, fitted, model, calibrate(residuals, bin_s, run.scoring, run.model.causal))
