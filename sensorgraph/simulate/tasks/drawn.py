"""Shapes drawn into small pictures."""

from __future__ import annotations

import numpy as np

SHAPES = ("circle", "square", "cross")
COLOURS = {"red": (220, 60, 50), "blue": (70, 90, 225)}


def picture_of(
    rng: np.random.Generator, shape: str, colour: str, side_px: int, centre: tuple[float, float], radius_px: float
) -> np.ndarray:
    """One shape of one colour before a grainy grey wall, [H, W, 3] uint8.

    Example:
        >>> picture_of(np.random.default_rng(0), "circle", "red", 16, (8.0, 8.0), 4.0).shape
        (16, 16, 3)
    """
    y, x = np.mgrid[:side_px, :side_px] + 0.5
    down, across = np.abs(y - centre[0]), np.abs(x - centre[1])
    inside = {
        "circle": np.hypot(down, across) < radius_px,
        "square": np.maximum(down, across) < 0.85 * radius_px,
        "cross": (np.maximum(down, across) < radius_px) & (np.minimum(down, across) < 0.3 * radius_px),
    }[shape]
    wall = np.full((side_px, side_px, 3), rng.uniform(70, 130))
    wall[inside] = np.array(COLOURS[colour]) * rng.uniform(0.8, 1.1)
    return np.clip(wall + rng.normal(0, 8, wall.shape), 0, 255).astype(np.uint8)
