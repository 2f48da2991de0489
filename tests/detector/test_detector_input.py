"""Whatever a user may hand over: it works, or the error says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sensorgraph import AnomalyDetector
from sensorgraph.errors import ConfigError, DataError, DataWarning, UnknownNameError
from sensorgraph.scenes import Recording, Sensor, Text
from sensorgraph.scenes.store import write_recording

Machine = Callable[..., np.ndarray]
NAMES = ["flow", "pressure", "current", "level", "wind"]


@pytest.fixture
def table(faulty: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(faulty, columns=NAMES)


def test_reordered_columns_go_by_name(by_name: AnomalyDetector, table: pd.DataFrame) -> None:
    np.testing.assert_array_equal(by_name.score(table[NAMES[::-1]]), by_name.score(table))


def test_a_missing_column_is_absent(by_name: AnomalyDetector, table: pd.DataFrame) -> None:
    with pytest.warns(DataWarning, match="'wind' missing"):
        scores = by_name.score(table.drop(columns="wind"))
    np.testing.assert_allclose(scores, by_name.score(table.assign(wind=np.nan)))


def test_an_unknown_column_is_an_error(by_name: AnomalyDetector, table: pd.DataFrame) -> None:
    with pytest.raises(UnknownNameError, match="'noise'"):
        by_name.score(table.rename(columns={"wind": "noise"}))


@pytest.mark.parametrize("columns", [4, 6])
def test_an_array_must_have_the_channels_of_training(detector: AnomalyDetector, columns: int) -> None:
    with pytest.raises(DataError, match="5 channels"):
        detector.score(np.zeros((100, columns)))


def test_a_table_and_an_array_are_the_same(
    by_name: AnomalyDetector, detector: AnomalyDetector, table: pd.DataFrame
) -> None:
    np.testing.assert_array_equal(by_name.score(table), detector.score(table.to_numpy()))


def test_training_that_is_too_short_says_the_minimum() -> None:
    with pytest.raises(DataError, match=r"at least 50 rows.*got 49"):
        AnomalyDetector().fit(np.zeros((49, 2)))


def test_what_cannot_be_scored_is_refused(detector: AnomalyDetector) -> None:
    for rows in (np.zeros((0, 5)), np.zeros((3, 5, 2)), [["a", "b", "c", "d", "e"]]):
        with pytest.raises(DataError, match="test"):
            detector.score(rows)
    with pytest.raises(DataError, match="not fitted"):
        AnomalyDetector().score(np.zeros((9, 5)))
    with pytest.raises(DataError, match="rate_hz"):
        detector.score(np.zeros((9, 5)), rate_hz=-1.0)
    with pytest.raises(DataError, match="not one channel"):
        AnomalyDetector().fit(np.full((60, 2), np.nan))


def test_text_in_a_column_names_the_cell(by_name: AnomalyDetector, table: pd.DataFrame) -> None:
    spoilt = table.astype(object)
    spoilt.loc[2, "flow"] = "broken"
    with pytest.raises(DataError, match=r"'flow': row 3 is not a number"):
        by_name.score(spoilt)


def test_infinite_values_are_missing(detector: AnomalyDetector, faulty: np.ndarray) -> None:
    rows, gaps = faulty.copy(), faulty.copy()
    rows[10:14, 0], gaps[10:14, 0] = np.inf, np.nan
    with pytest.warns(DataWarning, match="4 infinite"):
        np.testing.assert_array_equal(detector.score(rows), detector.score(gaps))


@pytest.mark.parametrize(("order", "message"), [([0, 2, 1], "backwards"), ([0, 1, 1], "repeats")])
def test_disordered_time_stamps_are_refused(by_name: AnomalyDetector, order: list[int], message: str) -> None:
    table = pd.DataFrame(np.zeros((3, 5)), columns=NAMES)
    table.index = pd.to_datetime("2024-01-01") + pd.to_timedelta(order, unit="s")
    with pytest.raises(DataError, match=message):
        by_name.score(table)


def test_another_rate_at_test_is_told(train: np.ndarray, machine: Machine) -> None:
    detector = AnomalyDetector().fit(train, rate_hz=10.0)
    with pytest.warns(DataWarning, match="another rate"):
        slow = detector.score(machine(3000, seed=1)[::5], rate_hz=2.0)
    assert 0.1 < np.median(slow) < 1.0


def test_seldom_flags_and_constants_keep_scores_in_proportion() -> None:
    """Where nearly nothing ever moves, there is no usual size to divide by; a move is still found, at a sane height."""
    rng = np.random.default_rng(0)
    rows = (rng.random((4000, 3)) < 0.001).astype(float)
    detector = AnomalyDetector().fit(rows[:3000])
    rows[3500:3520] = 1.0
    scores = detector.score(rows[3000:])
    assert 495 <= scores.argmax() <= 525
    assert scores.max() < 1e4
    still = AnomalyDetector().fit(np.ones((200, 2)))
    assert still.score(np.ones((50, 2))).max() == 0.0
    assert 1.0 < still.score(np.zeros((50, 2))).max() < 100.0


def test_labels_of_a_table_are_no_channels(by_name: AnomalyDetector, table: pd.DataFrame) -> None:
    with pytest.warns(DataWarning, match="anomaly"):
        scores = by_name.score(table.assign(anomaly=0))
    np.testing.assert_array_equal(scores, by_name.score(table))


def test_links_are_pairs_of_known_channels(train: np.ndarray) -> None:
    with pytest.raises(UnknownNameError, match="pump"):
        AnomalyDetector(links=[("channel_0", "pump")]).fit(train)
    with pytest.raises(ConfigError, match="pairs"):
        AnomalyDetector(links=["ab"])  # type: ignore[list-item]


def _recording(rows: np.ndarray, jitter_s: float = 0.0, **more: object) -> Recording:
    """The first three channels at 10 Hz, the others at 2 Hz and on clocks of their own."""
    rng = np.random.default_rng(0)
    streams: list[Sensor | Text] = []
    for number, name in enumerate(NAMES):
        step = 1 if number < 3 else 5
        times_s = np.arange(len(rows))[::step] / 10 + (0.0 if number < 3 else 0.03)
        times_s = times_s + rng.random(len(times_s)) * jitter_s
        streams.append(Sensor(name, 10.0 / step, rows[::step, number].astype(np.float32), time_s=times_s))
    return Recording("r", len(rows) / 10 + 1, tuple(streams), **more)  # type: ignore[arg-type]


def test_streams_of_several_rates_need_no_resampling(train: np.ndarray, faulty: np.ndarray) -> None:
    detector = AnomalyDetector().fit(_recording(train, 0.02))
    scores = detector.score(_recording(faulty, 0.02))
    assert scores.shape == (1000,)
    assert scores[405:425].min() > 1.5 * np.quantile(scores[:350], 0.99)
    assert not np.isnan(detector.score_channels(_recording(faulty, 0.02))[10:]).any()


def test_a_table_with_empty_rows_is_a_recording_of_two_rates(train: np.ndarray, faulty: np.ndarray) -> None:
    def sparse(rows: np.ndarray) -> np.ndarray:
        return np.where((np.arange(len(rows)) % 5 > 0)[:, None] & (np.arange(5) > 2), np.nan, rows)

    scores = AnomalyDetector().fit(sparse(train)).score(sparse(faulty))
    assert scores[405:425].min() > 1.5 * np.quantile(scores[:350], 0.99)


def test_other_modalities_are_told_about(train: np.ndarray) -> None:
    recording = _recording(train)
    with_log = Recording("r", recording.duration_s, (*recording.streams, Text("log", ("x",), np.array([1.0]))))
    with pytest.warns(DataWarning, match="log"):
        AnomalyDetector().fit(with_log)


def test_topology_of_a_recording_counts_as_links(train: np.ndarray) -> None:
    linked = AnomalyDetector().fit(_recording(train, topology=(("flow", "pressure"),)))
    assert bool(linked.trained.fitted.network.messages.get_buffer("given")[0, 1])


def test_files_of_every_kind(train: np.ndarray, faulty: np.ndarray, by_name: AnomalyDetector, tmp_path: Path) -> None:
    table = pd.DataFrame(faulty, columns=NAMES)
    table.to_csv(tmp_path / "test.csv", index=False)
    table.to_parquet(tmp_path / "test.parquet")
    np.savez(tmp_path / "both.npz", train=train, test=faulty)
    streams = tuple(Sensor(name, 1.0, faulty[:, number].astype(np.float32)) for number, name in enumerate(NAMES))
    write_recording(tmp_path / "test.zarr", Recording("test", 1000.0, streams))
    expected = by_name.score(table)
    for name in ("test.csv", "test.parquet", "test.zarr"):
        np.testing.assert_allclose(by_name.score(tmp_path / name), expected, rtol=1e-3)
    np.testing.assert_array_equal(
        AnomalyDetector().fit(tmp_path / "both.npz").score(str(tmp_path / "both.npz")), expected
    )
