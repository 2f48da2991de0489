"""From a checked run file and a schema to the network that it describes."""

from __future__ import annotations

from sensorgraph.encoders import ByStreamEncoder, Encoder
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.run.class_file import ClassFile
from sensorgraph.run.coverage import check_simulated
from sensorgraph.run.run_file import RunFile


def build_model(run: RunFile | ClassFile, schema: GraphSchema, num_classes: int = 0) -> SceneGNN:
    """The network of a run file, with fresh weights.

    What the data decides (widths of inputs, vocabulary, audio rate) comes from the schema.
    """
    model, entries = run.model, run.encoders
    given = {"dim": model.dim, "causal": model.causal}
    by_rate = [
        (choice.beside.min_rate_hz, choice.beside.max_rate_hz, choice.build(**given)) for choice in entries.sensor
    ]
    encoders: dict[str, Encoder] = {}
    if "sensor" in entries.modalities:
        encoders["sensor"] = ByStreamEncoder(by_rate, None if entries.word is None else entries.word.build(**given))
    if entries.image is not None:
        encoders["image"] = entries.image.build(in_channels=schema.picture_channels, **given)
    if entries.audio is not None and schema.audio_rate_hz is not None:
        encoders["audio"] = entries.audio.build(rate_hz=schema.audio_rate_hz, **given)
    if entries.text is not None:
        encoders["text"] = entries.text.build(vocab_size=schema.text.vocab_size, **given)
    if entries.video is not None:
        encoders["video"] = entries.video.build(in_channels=schema.picture_channels, **given)
    return SceneGNN(
        schema,
        encoders,
        run.fusion.build(**given),
        model.dim,
        model.top_k,
        model.decoder_hidden,
        model.causal,
        num_classes,
    )


def check_network(run: RunFile | ClassFile) -> None:
    """Refuse arguments that are right one by one but not together, before any data is opened.

    Raises:
        ConfigError: a class of the run file refuses its arguments, or the machine that is to be simulated does not fit
            the rest of the file.
    """
    if isinstance(run, RunFile):
        check_simulated(run.data.build(), run.graph.duration_s, run.encoders)
    build_model(run, GraphSchema(run.graph.duration_s, run.graph.num_bins, audio_rate_hz=16_000.0))
