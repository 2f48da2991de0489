"""What is done to graphs on their way to the model, each a `torch_geometric.transforms.BaseTransform`.

No transform writes into a tensor, so the graph that goes in stays as it was.
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
from sensorgraph.graph.transforms.normalise_summary import NormaliseSummary
from sensorgraph.graph.transforms.pictures import Brightness, PictureCutout
from sensorgraph.graph.transforms.scale import Scale
from sensorgraph.graph.transforms.token_mask import TokenMask

KINDS: dict[str, type[BaseTransform]] = {
    "bit_flip": BitFlip,
    "brightness": Brightness,
    "cutout": Cutout,
    "drop_modality": DropModality,
    "drop_stream": DropStream,
    "jitter": Jitter,
    "mask": Mask,
    "picture_cutout": PictureCutout,
    "scale": Scale,
    "token_mask": TokenMask,
}

__all__ = [
    "KINDS",
    "BitFlip",
    "Brightness",
    "Cutout",
    "DropModality",
    "DropStream",
    "Jitter",
    "Mask",
    "NormaliseSummary",
    "PictureCutout",
    "Scale",
    "TokenMask",
    "default_views",
    "keep_streams",
]
