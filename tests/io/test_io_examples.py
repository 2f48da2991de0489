"""A folder of somebody's own files: what becomes of each kind, and what is said when something is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from sensorgraph.errors import DataError, FileFormatError, ReadWarning
from sensorgraph.io.examples import read_examples
from sensorgraph.run.example_sources import Folder
from sensorgraph.scenes import Audio, Image, Scene, Sensor, Text, Video
from sensorgraph.scenes.check import problems_of

pillow = pytest.importorskip("PIL.Image", reason="pillow is in the extra 'images'")
RATE_HZ = 8000


def picture(path: Path, height: int = 12, width: int = 16, grey: bool = False, value: int = 90) -> None:
    shape = (height, width) if grey else (height, width, 3)
    pillow.fromarray(np.full(shape, value, np.uint8)).save(path)


def sound(path: Path, duration_s: float = 0.5, rate_hz: int = RATE_HZ, kind: str = "int16") -> None:
    wave = np.sin(np.arange(round(duration_s * rate_hz)) / 5)
    wavfile.write(path, rate_hz, (wave * np.iinfo(kind).max).astype(kind) if kind != "float32" else wave.astype(kind))


def scene_of(folder: Path) -> Scene:
    scene = read_examples(folder, 1.0)[0].example.scene
    assert problems_of(scene) == []
    return scene


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """The folder of a class with one example to be."""
    (tmp_path / "good").mkdir()
    return tmp_path / "good"


def test_every_kind_of_file_becomes_a_stream(one: Path) -> None:
    picture(one / "7.left.png")
    picture(one / "7.right.jpg", grey=True)
    sound(one / "7.wav")
    (one / "7.txt").write_text("first line\n\nsecond line\n")
    (one / "7.csv").write_text("time,flow,speed\n0.0,1,2\n0.5,1,3\n0.9,2,4\n")
    (one / "7.film").mkdir()
    for number in (10, 2):
        picture(one / "7.film" / f"{number}.png", value=number)
    np.savez(one / "7.other.npz", frames=np.zeros((3, 8, 8), np.uint8), time_s=np.array([0.0, 0.2, 0.7]))
    streams = {stream.id: stream for stream in scene_of(one.parent).streams}
    left, right, film, other = (streams[name] for name in ("left", "right", "film", "other"))
    assert isinstance(left, Image)
    assert left.frames.shape == (1, 12, 16, 3)
    assert isinstance(right, Image)
    assert right.frames.shape == (1, 12, 16, 1)
    assert isinstance(film, Video)
    assert film.frames[:, 0, 0, 0].tolist() == [2, 10], "frame 2 comes before frame 10"
    assert film.time_s.tolist() == [0.0, 0.5]
    assert isinstance(other, Video)
    assert other.time_s.tolist() == [0.0, 0.2, 0.7]
    modalities = [stream.modality for stream in streams.values()]
    assert sorted(set(modalities)) == ["audio", "image", "sensor", "text", "video"]
    assert isinstance(streams["flow"], Sensor)
    text = next(stream for stream in scene_of(one.parent).streams if isinstance(stream, Text))
    assert text.lines == ("first line", "second line")


@pytest.mark.parametrize("kind", ["int16", "int32", "uint8", "float32"])
def test_sound_of_every_depth_is_of_one_size(one: Path, kind: str) -> None:
    if kind == "uint8":
        wave = np.sin(np.arange(4000) / 5)
        wavfile.write(one / "1.wav", RATE_HZ, (128 + 127 * wave).astype(np.uint8))
    else:
        sound(one / "1.wav", kind=kind)
    stream = scene_of(one.parent).streams[0]
    assert isinstance(stream, Audio)
    assert stream.rate_hz == RATE_HZ
    assert np.allclose(stream.values, np.sin(np.arange(4000) / 5), atol=0.02)


def test_two_channels_become_their_mean(one: Path) -> None:
    wavfile.write(one / "1.wav", RATE_HZ, np.stack([np.full(100, 0.5), np.full(100, -0.1)], 1).astype(np.float32))
    stream = scene_of(one.parent).streams[0]
    assert isinstance(stream, Audio)
    assert np.allclose(stream.values, 0.2)


def test_classes_by_table_with_groups_and_splits(tmp_path: Path) -> None:
    rows = ["name,label,group,split"]
    for number, split in enumerate(["train", "train", "validation", "test"]):
        picture(tmp_path / f"{number}.png")
        rows.append(f"{number},{'ab'[number % 2]},machine{number},{split}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    parts = Folder(str(tmp_path)).examples(seed=0)
    assert {split: [e.scene.id for e in part] for split, part in parts.items()} == {
        "train": ["0", "1"],
        "validation": ["2"],
        "test": ["3"],
    }


def test_groups_stay_together_and_every_split_has_every_class(tmp_path: Path) -> None:
    rows = ["name,label,group"]
    for number in range(40):
        picture(tmp_path / f"{number}.png")
        rows.append(f"{number},{'ab'[number // 20]},machine{number // 4}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    parts = Folder(str(tmp_path)).examples(seed=3)
    machines = {split: {int(e.scene.id) // 4 for e in part} for split, part in parts.items()}
    assert sum(len(found) for found in machines.values()) == 10, "no machine in two splits"
    assert all({e.label for e in part} == {"a", "b"} for part in parts.values())
    assert len(parts["train"]) > len(parts["test"]) >= len(parts["validation"])


def test_files_without_classes_can_be_predicted(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    assert Folder(str(tmp_path)).all()[0].label is None
    with pytest.raises(DataError, match="1 examples have no class"):
        Folder(str(tmp_path)).examples(seed=0)


def test_an_empty_text_is_absent_and_said(one: Path) -> None:
    picture(one / "1.png")
    (one / "1.txt").write_text(" \n")
    with pytest.warns(ReadWarning, match=r"1 texts are empty, first 1\.txt; their scenes have no text"):
        streams = read_examples(one.parent, 1.0)[0].example.scene.streams
    assert [stream.modality for stream in streams] == ["image"]


def test_a_film_of_one_frame_is_a_film(one: Path) -> None:
    np.save(one / "1.npy", np.zeros((1, 8, 8, 3), np.uint8))
    stream = scene_of(one.parent).streams[0]
    assert isinstance(stream, Video)
    assert stream.num_samples == 1


def _broken_picture(one: Path) -> None:
    (one / "1.png").write_bytes(b"no picture")


def _broken_sound(one: Path) -> None:
    (one / "1.wav").write_bytes(b"no sound at all")


def _long_sound(one: Path) -> None:
    sound(one / "1.wav", 2.0)


def _latin_text(one: Path) -> None:
    (one / "1.txt").write_bytes(b"caf\xe9")


def _mixed_film(one: Path) -> None:
    (one / "1").mkdir()
    picture(one / "1" / "0.png", 8, 8)
    picture(one / "1" / "1.png", 8, 9)


def _folder_without_pictures(one: Path) -> None:
    (one / "1").mkdir()
    (one / "1" / "notes.doc").write_text("x")


def _float_frames(one: Path) -> None:
    np.save(one / "1.npy", np.zeros((2, 8, 8)))


def _archive_of_something_else(one: Path) -> None:
    np.savez(one / "1.npz", pictures=np.zeros(3))


def _unknown_kind(one: Path) -> None:
    (one / "1.xyz").write_text("?")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (_broken_picture, FileFormatError, r"1\.png: cannot be read as a picture; export it as PNG or JPEG"),
        (_broken_sound, FileFormatError, r"1\.wav: cannot be read as WAV"),
        (
            _long_sound,
            DataError,
            r"1\.wav: goes on to 1\.99988 s, .*; cut the file, or raise graph\.duration_s \(got 1\)",
        ),
        (_latin_text, FileFormatError, r"1\.txt: is no UTF-8 text"),
        (_mixed_film, DataError, r"all frames of a film must have one size; scale them \(got 8x8x3, 8x9x3\)"),
        (_folder_without_pictures, DataError, r"a folder without pictures; .* \(got notes\.doc\)"),
        (_float_frames, DataError, r"frames must be .* of uint8; convert them \(got \[2, 8, 8, 1\] of float64\)"),
        (_archive_of_something_else, DataError, r"needs an array 'frames'; name it so \(got pictures\)"),
        (_unknown_kind, DataError, r"1\.xyz: of no known kind"),
    ],
)
def test_what_cannot_be_used_is_named(one: Path, make: object, error: type[Exception], message: str) -> None:
    make(one)  # type: ignore[operator]
    with pytest.raises(error, match=message):
        read_examples(one.parent, 1.0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("name,class\n1,a\n", r"needs the columns name and label; add them \(got name, class\)"),
        ("name,label\n1,a\n2,b\n", r"no file has this name; .* \(got \['2'\]\)"),
        ("name,label\n1,a\n1,b\n", r"one line only"),
        ("name,label\n", r"lacks examples of its folder"),
    ],
)
def test_a_wrong_table_is_explained(tmp_path: Path, rows: str, message: str) -> None:
    picture(tmp_path / "1.png")
    (tmp_path / "labels.csv").write_text(rows)
    with pytest.raises(DataError, match=message):
        read_examples(tmp_path, 1.0)


def test_a_wrong_folder_is_explained(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no such folder"):
        read_examples(tmp_path / "nowhere", 1.0)
    with pytest.raises(FileFormatError, match="holds no example; put the files of each class into a folder"):
        read_examples(tmp_path, 1.0)
    (tmp_path / "a").mkdir()
    picture(tmp_path / "a" / "1.png")
    picture(tmp_path / "stray.png")
    with pytest.raises(DataError, match=r"files beside the folders of classes; .* \(got \['stray\.png'\]\)"):
        read_examples(tmp_path, 1.0)


def test_too_few_examples_of_a_class(tmp_path: Path) -> None:
    for name, num in (("many", 5), ("few", 2)):
        (tmp_path / name).mkdir()
        for number in range(num):
            picture(tmp_path / name / f"{number}.png")
    with pytest.raises(DataError, match=r"class 'few' needs 3 examples of different groups"):
        Folder(str(tmp_path)).examples(seed=0)
