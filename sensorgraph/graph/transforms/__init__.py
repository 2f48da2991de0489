"""What is done to graphs on their way to the model, each a `torch_geometric.transforms.BaseTransform`.

No transform writes into a tensor, so the graph that goes in stays as it was. Physical values are normalised when a
graph is built, by statistics that were fitted on training scenes (`sensorgraph.graph.statistics`); no transform does it
again. `NormaliseSummary` is not among the kinds that a run file may name: every run has it, with fitted statistics.
Damage to test with is in `sensorgraph.graph.transforms.corruption`.
"""

from torch_geometric.transforms import BaseTransform

from sensorgraph.graph.transforms.augment import default_views
from sensorgraph.graph.transforms.bit_flip import BitFlip
from sensorgraph.graph.transforms.cutout import Cutout
from sensorgraph.graph.transforms.drop_modality import DropModality
from sensorgraph.graph.transforms.drop_stream import DropStream
from sensorgraph.graph.transforms.jitter import Jitter
from sensorgraph.graph.transforms.keep import keep_streams
from sensorgraph.graph.transforms.mask import Mask
from sensorgraph.graph.transforms.missing import FillMissing
from sensorgraph.graph.transforms.normalise_summary import NormaliseSummary
from sensorgraph.graph.transforms.pictures import Brightness, PictureCutout
from sensorgraph.graph.transforms.reorder import Reorder
from sensorgraph.graph.transforms.scale import Scale
from sensorgraph.graph.transforms.time_warp import TimeWarp
from sensorgraph.graph.transforms.token_mask import TokenMask

KINDS: dict[str, type[BaseTransform]] = {
    "bit_flip": BitFlip,
    "brightness": Brightness,
    "cutout": Cutout,
    "drop_modality": DropModality,
    "drop_stream": DropStream,
    "jitter": Jitter,
    "mask": Mask,
    "missing": FillMissing,
    "picture_cutout": PictureCutout,
    "reorder": Reorder,
    "scale": Scale,
    "time_warp": TimeWarp,
    "token_mask": TokenMask,
}

__all__ = [
    "KINDS",
    "BitFlip",
    "Brightness",
    "Cutout",
    "DropModality",
    "DropStream",
    "FillMissing",
    "Jitter",
    "Mask",
    "NormaliseSummary",
    "PictureCutout",
    "Reorder",
    "Scale",
    "TimeWarp",
    "TokenMask",
    "default_views",
    "keep_streams",
]
