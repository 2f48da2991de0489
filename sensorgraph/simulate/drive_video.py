"""The video camera: the geared-down output disk turns with the speed, the oil in the glass moves with the flow."""

from __future__ import annotations

import numpy as np

from sensorgraph.scenes import Video
from sensorgraph.simulate.config import SimulatorConfig
from sensorgraph.simulate.latents import Latents
from sensorgraph.simulate.observed import Observed
from sensorgraph.simulate.pictures import picture_times
from sensorgraph.simulate.randomness import generator

VIDEO_ID = "drive_cam"
# Slow enough for the camera: at 50 Hz the disk turns 1.25 times a second, and two unlike blades show its direction.
_DISK_RATIO = 1 / 40
_STRIPES_PER_LITRE = 3.6
VIDEO_OBSERVES = ("speed_hz", "flow_lpm", "angle_rev", "volume_l", "unbalance")


def drive_video(config: SimulatorConfig, latents: Latents, seed: int) -> Observed:
    """Film the disk (left) and the sight glass (right); unbalance shakes the camera."""
    rng = generator(seed, VIDEO_ID)
    time_s = picture_times(config, config.video_rate_hz, rng)
    size = config.video_size_px
    speed = latents.at("speed_hz", time_s) / 30.0
    shake = 0.01 * (latents.at("unbalance", time_s) * speed**2)[:, None] * rng.standard_normal((len(time_s), 2))
    row, column = np.mgrid[0:size, 0:size] / size
    down = row[None] - 0.5 - shake[:, :1, None]
    right = column[None] - 0.36 - shake[:, 1:, None]
    turn = (latents.at("angle_rev", time_s) * _DISK_RATIO + rng.uniform()) % 1.0
    bearing = np.arctan2(down, right) - 2 * np.pi * turn[:, None, None]
    disk = np.clip((0.33 - np.hypot(down, right)) * size, 0, 1)
    blades = 0.5 + 0.3 * np.cos(2 * bearing) + 0.2 * np.cos(bearing)
    passed = latents.at("volume_l", time_s)[:, None, None] * _STRIPES_PER_LITRE
    stripes = 0.5 + 0.4 * np.sin(2 * np.pi * (row[None] * 2 - passed))
    glass = (column > 0.78)[None]
    light = 210.0 + rng.uniform(-15, 15)
    frames = light * np.where(glass, stripes, 0.15 + 0.8 * disk * blades) + 4.0 * rng.standard_normal(disk.shape)
    pixels = np.clip(frames, 0, 255).astype(np.uint8)[..., None]
    return Observed(Video(VIDEO_ID, pixels, time_s, meta={"observes": list(VIDEO_OBSERVES)}), VIDEO_OBSERVES)
