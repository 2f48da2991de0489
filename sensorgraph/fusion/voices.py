"""What each modality of a scene says as a whole: its streams pooled, bin by bin."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from sensorgraph.fusion.streams import Streams
from sensorgraph.graph.schema import NODE_TYPES


@dataclass(frozen=True)
class Voices:
    """One voice per scene, node type and bin.

    Attributes:
        value: [S, M, L, D], zeros where nobody speaks.
        present: [S, M, L] bool, whether anybody does. A voice of zeros and no voice are different things.
    """

    value: Tensor
    present: Tensor


def voices_of(said: Tensor, loudness: Tensor, streams: Streams) -> Voices:
    r"""Pools what present streams say, each with a weight of its own.

    .. math:: v_{m}[l] = \frac{\sum_i p_i[l]\, w_i\, s_i[l]}{1 + \sum_i p_i[l]\, w_i}

    over the streams :math:`i` of modality :math:`m` of one scene. The 1 lets a voice fade when few streams are left,
    so that one faint stream is not taken for a choir. Sums run over rows of a scene, never across the batch, and take
    time and memory linear in the number of streams.

    Args:
        said: [N, L, D].
        loudness: [N], weights ``w``, not negative.
        streams: whose scene, type and presence it is.

    Example:
        >>> import torch
        >>> from sensorgraph.testing import fake_scene
        >>> streams = Streams.of(fake_scene({"sensor": 2}, absent_share=0.0).tokens)
        >>> voices = voices_of(streams.value, torch.ones(3), streams)
        >>> torch.allclose(voices.value[0, 0], streams.value[:2].sum(0) / 3), voices.present[0, :, 0].tolist()
        (True, [True, False, False, False, False, True])
    """
    num_kinds, (_, num_bins, dim) = len(NODE_TYPES), said.shape
    group = streams.scene * num_kinds + streams.kind
    weight = streams.present * loudness[:, None]
    shape = (streams.num_scenes * num_kinds, num_bins)
    total = said.new_zeros(*shape, dim).index_add_(0, group, said * weight[..., None])
    heard = weight.new_zeros(shape).index_add_(0, group, weight)
    speakers = weight.new_zeros(shape).index_add_(0, group, streams.present.to(weight.dtype))
    whole = (streams.num_scenes, num_kinds, num_bins)
    return Voices((total / (1 + heard)[..., None]).view(*whole, dim), (speakers > 0).view(whole))
