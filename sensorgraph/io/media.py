"""Pictures, films, sound and text of ordinary files as streams."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sensorgraph.errors import DataError, FileFormatError
from sensorgraph.io.extras import import_extra
from sensorgraph.scenes import Audio, Image, Stream, Text, Video

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
FULL_SCALE = {"int16": 2.0**15, "int32": 2.0**31, "uint8": 2.0**7}


def read_picture(path: Path, stream_id: str, duration_s: float) -> Image:
    """One picture, at the beginning of its scene; grey or colour as the file is, without transparency.

    Raises:
        FileFormatError: it cannot be read as a picture.
        MissingDependencyError: pillow is not installed.
    """
    return Image(stream_id, _pixels(path)[None], np.zeros(1))


def read_sound(path: Path, stream_id: str, duration_s: float) -> Audio:
    """A WAV file in [-1, 1]; several channels become their mean.

    Raises:
        FileFormatError: it cannot be read as WAV.
        DataError: it holds no sample.
    """
    from scipy.io import wavfile

    try:
        with warnings.catch_warnings():
            # Players write notes of their own behind the samples; scipy says that it skips them.
            warnings.filterwarnings("ignore", message="Chunk .* not understood")
            rate_hz, samples = wavfile.read(path)
    except (ValueError, EOFError, OSError, Warning) as error:
        raise FileFormatError(f"{path}: cannot be read as WAV; export it as PCM or float WAV (got {error})") from error
    if not len(samples):
        raise DataError(f"{path}: holds no sample; leave the file out (got 0)")
    scale = FULL_SCALE.get(samples.dtype.name, 1.0)
    wave = (samples.astype(np.float64) - (128 if samples.dtype == np.uint8 else 0)) / scale
    return Audio(stream_id, float(rate_hz), (wave.mean(1) if wave.ndim == 2 else wave).astype(np.float32))


def read_text(path: Path, stream_id: str, duration_s: float) -> Text | None:
    """The lines of a text file, all at the beginning of the scene; None where there is nothing but white space.

    Raises:
        FileFormatError: it is no UTF-8 text.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except UnicodeDecodeError as error:
        raise FileFormatError(f"{path}: is no UTF-8 text; save it as UTF-8 (got {error})") from error
    lines = [line for line in lines if line]
    return Text(stream_id, tuple(lines), np.zeros(len(lines))) if lines else None


def read_film(path: Path, stream_id: str, duration_s: float) -> Video:
    """A folder of pictures, in natural order, or frames in ``.npy`` or ``.npz``.

    Frames are spread evenly over the scene, unless an ``.npz`` holds ``time_s`` beside ``frames``.

    Raises:
        FileFormatError: a frame or the archive cannot be read.
        DataError: no frames, frames of several sizes, or an array that cannot be frames.
    """
    time_s = None
    if path.is_dir():
        frames = _frames_of_folder(path)
    else:
        frames, time_s = _frames_of_array(path)
    if frames.ndim == 3:
        frames = frames[..., None]
    if frames.ndim != 4 or frames.dtype != np.uint8 or frames.shape[-1] not in (1, 3) or not frames.size:
        raise DataError(
            f"{path}: frames must be [T, H, W] or [T, H, W, 1 or 3] of uint8; convert them "
            f"(got {list(frames.shape)} of {frames.dtype})"
        )
    if time_s is None:
        time_s = np.arange(len(frames)) * duration_s / len(frames)
    return Video(stream_id, frames, np.asarray(time_s, np.float64))


def read_media(path: Path, stream_id: str, duration_s: float) -> Stream | None:
    """The stream of a file or folder, by its suffix; None for an empty text.

    Raises:
        FileFormatError: as the reader of its kind does.
        KeyError: no reader is for this suffix (see `reader_of`).
    """
    reader = reader_of(path)
    if reader is None:
        raise KeyError(path.suffix)
    return reader(path, stream_id, duration_s)


def reader_of(path: Path) -> Callable[[Path, str, float], Stream | None] | None:
    """The reader of a file or folder, None where it is no medium.

    Example:
        >>> reader_of(Path("cat.PNG")) is read_picture, reader_of(Path("cat.xyz")) is None
        (True, True)
    """
    if path.is_dir():
        return read_film
    suffix = path.suffix.lower()
    return read_picture if suffix in PICTURES else _BY_SUFFIX.get(suffix)


_BY_SUFFIX: dict[str, Callable[[Path, str, float], Stream | None]] = {
    ".wav": read_sound,
    ".txt": read_text,
    ".npy": read_film,
    ".npz": read_film,
}


def _pixels(path: Path) -> np.ndarray:
    pillow = import_extra("PIL.Image", "images", f"{path}")
    try:
        with pillow.open(path) as picture:
            grey = picture.mode in ("1", "L", "LA", "I", "I;16", "F")
            pixels = np.asarray(picture.convert("L" if grey else "RGB"))
    except (OSError, SyntaxError, ValueError) as error:  # pillow raises SyntaxError for some broken files
        raise FileFormatError(f"{path}: cannot be read as a picture; export it as PNG or JPEG (got {error})") from error
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _frames_of_folder(path: Path) -> np.ndarray:
    files = sorted((f for f in path.iterdir() if f.suffix.lower() in PICTURES), key=lambda f: natural(f.name))
    if not files:
        raise DataError(f"{path}: a folder without pictures; a film needs one per frame (got {_shown(path)})")
    frames = [_pixels(file) for file in files]
    shapes = sorted({frame.shape for frame in frames})
    if len(shapes) > 1:
        sizes = ", ".join("x".join(map(str, shape)) for shape in shapes[:4])
        raise DataError(f"{path}: all frames of a film must have one size; scale them (got {sizes})")
    return np.stack(frames)


def _frames_of_array(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return found, None
        with found:
            if "frames" not in found:
                raise DataError(f"{path}: needs an array 'frames'; name it so (got {', '.join(found.files) or 'none'})")
            return found["frames"], found.get("time_s")
    except DataError:
        raise
    except (OSError, ValueError, EOFError) as error:
        raise FileFormatError(f"{path}: cannot be read as frames; save it with numpy (got {error})") from error


def natural(name: str) -> list[tuple[int, str]]:
    """Key that sorts ``frame2`` before ``frame10``.

    Example:
        >>> sorted(["f10", "f2"], key=natural)
        ['f2', 'f10']
    """
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _shown(path: Path) -> str:
    names = sorted(file.name for file in path.iterdir())
    return ", ".join(names[:3]) or "nothing"
