"""Run files of the ready applications, small enough for a test: they show that things work, not how well."""

from __future__ import annotations

import tempfile
from pathlib import Path

_ENCODERS = {
    "image": "{kind: image, hidden: 4, num_stages: 1}",
    "text": "{kind: text, hidden: 8, num_layers: 1}",
    "audio": "{kind: audio, fft_samples: 256, hop_samples: 128, num_mels: 8, hidden: 8, num_layers: 1}",
    "video": "{kind: video, hidden: 4, num_layers: 1}",
    "sensor": "[{kind: conv1d, hidden: 8}]",
}
_MODALITIES = {
    "vision_language": ("image", "text"),
    "audio_video": ("video", "audio"),
    "robot": ("image", "sensor"),
    "tri_modal": ("image", "audio", "text"),
}


def tiny_file(task: str, **settings: str) -> Path:
    """A run file of a task of `sensorgraph.simulate.tasks`, in a folder of its own.

    Args:
        task: its name.
        settings: sections that replace those of the file, as text.

    Example:
        >>> tiny_file("vision_language").name
        'vision_language.yaml'
    """
    encoders = "".join(f"\n  {name}: {_ENCODERS[name]}" for name in _MODALITIES[task])
    sections = {
        "examples": f"{{kind: simulated, task: {task}, num_train: 12, num_validation: 6, num_test: 6}}",
        "graph": f"{{duration_s: {2.0 if task == 'audio_video' else 1.0}, num_bins: 2, picture_size: [8, 8]}}",
        "encoders": encoders,
        "fusion": "{kind: concat, num_layers: 1}",
        "model": "{dim: 8, top_k: 1, decoder_hidden: 4}",
        "classes": "{controls: false}",
        "training": "{pretrain: {epochs: 0}, fuse: {epochs: 0}, finetune: {epochs: 1}}",
        **settings,
    }
    file = Path(tempfile.mkdtemp()) / f"{task}.yaml"
    file.write_text("\n".join(f"{name}: {text}" for name, text in sections.items()) + "\n")
    return file
