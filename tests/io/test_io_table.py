"""Tables become recordings with nothing resampled; what cannot be read says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sensorgraph.errors import DataError, FileFormatError, UnknownNameError
from sensorgraph.io import read_table
from sensorgraph.scenes.check import problems_of


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write_text(text: str, name: str = "a.csv", encoding: str = "utf-8") -> Path:
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return write_text


def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "time": [10.0, 10.5, 11.1, 14.0],
            "flow": [1.5, np.nan, -2.0, 3.0],
            "count": [1, 2, 3, 4],
            "open": [True, False, True, True],
            "status": [0, 65535, 7, 8],
        }
    )


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
def test_every_separator(tmp_path: Path, separator: str) -> None:
    frame = _frame().fillna({"flow": 2.0})
    frame.to_csv(tmp_path / "a.csv", sep=separator, index=False)
    recording = read_table(tmp_path / "a.csv", words=["status"])
    assert [stream.id for stream in recording.streams] == ["flow", "count", "open", "status"]
    np.testing.assert_array_equal(recording.stream("flow").values, np.float32([1.5, 2.0, -2.0, 3.0]))
    assert problems_of(recording) == []


def _as_csv(path: Path) -> Path:
    _frame().to_csv(path.with_suffix(".csv"), index=False)
    return path.with_suffix(".csv")


def _as_parquet(path: Path) -> Path:
    _frame().to_parquet(path.with_suffix(".parquet"), index=False)
    return path.with_suffix(".parquet")


@pytest.mark.parametrize("written", [_as_csv, _as_parquet])
def test_values_gaps_and_jitter_are_taken_as_they_are(tmp_path: Path, written: Any) -> None:
    recording = read_table(written(tmp_path / "run_7"), words=["status"], units={"flow": "l/min"})
    flow, status = recording.stream("flow"), recording.stream("status")
    assert recording.id == "run_7"
    assert flow.values.dtype == np.float32
    np.testing.assert_array_equal(flow.values, np.float32([1.5, np.nan, -2.0, 3.0]))
    np.testing.assert_allclose(flow.time_s, [0.0, 0.5, 1.1, 4.0])
    assert flow.rate_hz == pytest.approx(1 / 0.6)
    assert flow.meta == {"unit": "l/min", "clock_start": 10.0}
    np.testing.assert_array_equal(recording.stream("open").values, np.float32([1, 0, 1, 1]))
    assert recording.stream("count").values.dtype == np.float32
    np.testing.assert_array_equal(status.values, np.uint16([0, 65535, 7, 8]))
    assert status.valid is None
    assert recording.duration_s == pytest.approx(4.6)


def test_an_index_of_dates_is_found_in_parquet(tmp_path: Path) -> None:
    index = pd.to_datetime(["2024-03-01T10:00:00+01:00", "2024-03-01T10:00:00.250+01:00"], format="ISO8601")
    pd.DataFrame({"a": [1, 2]}, index=index).to_parquet(tmp_path / "a.parquet")
    stream = read_table(tmp_path / "a.parquet").stream("a")
    assert stream.rate_hz == 4.0
    assert stream.meta["clock_start"] == "2024-03-01T09:00:00"


def test_elapsed_time_in_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"time": pd.to_timedelta([5.0, 5.25], unit="s"), "a": [1, 2]})
    frame.to_parquet(tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet").stream("a").rate_hz == 4.0


def test_nullable_columns_of_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"time": [0.0, 1.0, 2.0], "b": [True, None, False], "i": pd.array([1, None, 3], "Int64")})
    frame.to_parquet(tmp_path / "a.parquet")
    recording = read_table(tmp_path / "a.parquet")
    np.testing.assert_array_equal(recording.stream("b").values, np.float32([1, np.nan, 0]))
    np.testing.assert_array_equal(recording.stream("i").values, np.float32([1, np.nan, 3]))


def test_dates_with_and_without_fractions(write: Any) -> None:
    path = write("datetime;a\n2020-02-08 13:30:47;1\n2020-02-08 13:30:47.5;2\n2020-02-08T13:30:49;3\n")
    stream = read_table(path).stream("a")
    np.testing.assert_array_equal(stream.time_s, [0.0, 0.5, 2.0])
    assert stream.meta["clock_start"] == "2020-02-08T13:30:47"


def test_dates_of_other_formats_need_the_format(write: Any) -> None:
    path = write("time,a\n08.02.2020 13:30,1\n08.02.2020 13:31,2\n")
    with pytest.raises(DataError, match=r"row 1 has no readable time stamp.*date_format.*08\.02\.2020 13:30"):
        read_table(path)
    np.testing.assert_array_equal(read_table(path, date_format="%d.%m.%Y %H:%M").stream("a").time_s, [0, 60])


def test_milliseconds(write: Any) -> None:
    path = write("t,a\n1000,1\n1020,2\n1040,3\n")
    stream = read_table(path, time_column="t", time_unit="ms").stream("a")
    np.testing.assert_allclose(stream.time_s, [0, 0.02, 0.04])
    assert stream.rate_hz == pytest.approx(50.0)


def test_decimal_commas_and_a_byte_order_mark(write: Any) -> None:
    path = write("time;a\n0,0;1,5\n0,5;2,5\n", encoding="utf-8-sig")
    with pytest.raises(DataError, match=r"decimal|date_format"):
        read_table(path)
    np.testing.assert_array_equal(read_table(path, decimal=",").stream("a").values, np.float32([1.5, 2.5]))


def test_true_and_false_with_gaps(write: Any) -> None:
    path = write("time,a\n0,True\n1,\n2,False\n")
    np.testing.assert_array_equal(read_table(path).stream("a").values, np.float32([1, np.nan, 0]))


def test_missing_words_are_not_valid(write: Any) -> None:
    stream = read_table(write("time,w\n0,7\n1,\n2,9\n"), words=["w"]).stream("w")
    np.testing.assert_array_equal(stream.values, np.uint16([7, 0, 9]))
    np.testing.assert_array_equal(stream.valid, [True, False, True])


def test_a_slow_column_becomes_a_slow_stream(write: Any) -> None:
    rows = "".join(f"{i / 100},{i},{i if i % 4 == 1 and i != 9 else ''}\n" for i in range(40))
    slow = read_table(write("time,fast,slow\n" + rows)).stream("slow")
    assert slow.rate_hz == pytest.approx(25.0)
    np.testing.assert_allclose(slow.time_s, np.arange(1, 40, 4) / 100)
    np.testing.assert_array_equal(slow.values[:4], np.float32([1, 5, np.nan, 13]))


def test_a_column_with_gaps_is_not_slow(write: Any) -> None:
    rows = "".join(f"{i},{i if i % 7 else ''}\n" for i in range(40))
    stream = read_table(write("time,a\n" + rows)).stream("a")
    assert stream.num_samples == 40
    assert np.isnan(stream.values).sum() == 6


def test_a_declared_rate_says_that_empty_rows_are_no_samples(write: Any) -> None:
    filled = {0, 3, 7, 8, 16, 21, 22, 30}
    rows = "".join(f"{i / 10},{i},{i if i in filled else ''}\n" for i in range(40))
    recording = read_table(write("time,fast,slow\n" + rows), rate_hz={"slow": 2.0})
    assert recording.stream("slow").rate_hz == 2.0
    np.testing.assert_allclose(recording.stream("slow").time_s, np.array(sorted(filled)) / 10)
    assert recording.stream("fast").rate_hz == pytest.approx(10.0)


def test_without_time_stamps_the_rate_makes_the_clock(write: Any) -> None:
    stream = read_table(write("a,b\n1,2\n3,4\n5,6\n"), rate_hz=50.0).stream("b")
    assert stream.time_s is None
    np.testing.assert_allclose(stream.times(), [0, 0.02, 0.04])


@pytest.mark.parametrize("slow_rows", [range(2, 40, 4), range(10)])
def test_without_time_stamps_slow_columns_are_spread_or_packed(write: Any, slow_rows: range) -> None:
    rows = "".join(f"{i},{i if i in slow_rows else ''}\n" for i in range(40))
    recording = read_table(write("fast,slow\n" + rows), rate_hz={"fast": 100.0, "slow": 25.0})
    slow = recording.stream("slow")
    assert slow.rate_hz == 25.0
    start_s = 0.02 if slow_rows.start else 0.0
    np.testing.assert_allclose(slow.times(), start_s + np.arange(10) / 25.0)
    assert recording.duration_s == pytest.approx(0.42 if slow_rows.start else 0.4)


def test_without_time_stamps_scattered_rows_contradict_a_slow_rate(write: Any) -> None:
    rows = "".join(f"{i},{i if i in (0, 3, 7, 8) else ''}\n" for i in range(40))
    with pytest.raises(DataError, match=r"column 'slow': at 25 Hz in rows of 100 Hz.*got 4 of 40 rows"):
        read_table(write("fast,slow\n" + rows), rate_hz={"fast": 100.0, "slow": 25.0})
    with pytest.raises(DataError, match="every column needs a rate_hz; add slow"):
        read_table(write("fast,slow\n" + rows), rate_hz={"fast": 100.0})


def test_files_of_different_rates_share_a_clock(write: Any) -> None:
    one = write("time,fast\n" + "".join(f"{100 + i / 100},{i}\n" for i in range(50)), "fast.csv")
    two = write("time,slow\n" + "".join(f"{100.005 + i / 10},{i}\n" for i in range(5)), "slow.csv")
    recording = read_table([two, one], id="both")
    assert recording.id == "both"
    assert recording.stream("fast").rate_hz == pytest.approx(100.0)
    assert recording.stream("slow").rate_hz == pytest.approx(10.0)
    assert recording.stream("fast").time_s[0] == 0.0
    assert recording.stream("slow").time_s[0] == pytest.approx(0.005)


def test_files_of_the_same_columns_continue_each_other(write: Any) -> None:
    one = write("time,a,anomaly\n0,1,0\n1,2,1\n", "1.csv")
    two = write("time,a,anomaly\n5,3,1\n6,4,0\n", "2.csv")
    recording = read_table([two, one])
    np.testing.assert_array_equal(recording.stream("a").values, np.float32([1, 2, 3, 4]))
    np.testing.assert_array_equal(recording.stream("a").time_s, [0, 1, 5, 6])
    assert [(label.start_s, label.end_s) for label in recording.labels.anomalies] == [(1.0, 6.0)]


def test_files_that_do_not_fit_together(write: Any) -> None:
    one = write("time,a,b\n0,1,2\n1,2,3\n", "1.csv")
    with pytest.raises(DataError, match="shares 'a' with"):
        read_table([one, write("time,a,c\n0,1,2\n1,2,3\n", "2.csv")])
    with pytest.raises(DataError, match="must share a clock"):
        read_table([one, write("time,c\n2020-01-01,1\n2020-01-02,2\n", "2.csv")])
    with pytest.raises(DataError, match="need time stamps of one kind"):
        read_table([write("a\n1\n", "1.csv"), write("a\n2\n", "2.csv")], rate_hz=1.0)
    with pytest.raises(DataError, match="time goes backwards"):
        read_table([write("time,a\n0,1\n5,2\n", "1.csv"), write("time,a\n3,1\n6,2\n", "2.csv")])
    with pytest.raises(DataError, match="at least one file"):
        read_table([])


def test_runs_of_ones_are_anomalies_and_no_streams(write: Any) -> None:
    path = write("time,a,anomaly,changepoint\n0,1,0,0\n1,1,1,1\n2,1,1,0\n2.5,1,0,0\n3.5,1,1.0,0\n")
    recording = read_table(path)
    assert [stream.id for stream in recording.streams] == ["a"]
    found = [(label.kind, label.start_s, label.end_s) for label in recording.labels.anomalies]
    assert found == [("anomaly", 1.0, 2.5), ("changepoint", 1.0, 2.0), ("anomaly", 3.5, 4.5)]
    assert {(label.category, label.root_cause) for label in recording.labels.anomalies} == {("system", ())}
    assert problems_of(recording) == []


def test_label_columns_can_be_chosen(write: Any) -> None:
    path = write("time,a,anomaly,changepoint,broken\n0,1,0,0,0\n1,1,1,1,1\n")
    recording = read_table(path, label_columns=["broken"], leave_out=["anomaly", "changepoint"])
    assert [stream.id for stream in recording.streams] == ["a"]
    assert [label.kind for label in recording.labels.anomalies] == ["broken"]
    assert [stream.id for stream in read_table(path, label_columns=[]).streams][1:] == [
        "anomaly",
        "changepoint",
        "broken",
    ]


def test_a_label_is_zero_or_one(write: Any) -> None:
    with pytest.raises(DataError, match=r"column 'anomaly': row 2 must be 0 or 1.*got 2"):
        read_table(write("time,a,anomaly\n0,1,0\n1,1,2\n"))


def test_columns_can_be_chosen_in_order(write: Any) -> None:
    path = write("time,a,b,note\n0,1,2,x\n1,3,4,y\n")
    assert [stream.id for stream in read_table(path, columns=["b", "a"]).streams] == ["b", "a"]
    assert [stream.id for stream in read_table(path, leave_out=["note"]).streams] == ["a", "b"]


@pytest.mark.parametrize(
    "argument",
    [{"columns": ["x"]}, {"leave_out": ["x"]}, {"words": ["x"]}, {"units": {"x": "m"}}, {"label_columns": ["x"]},
     {"rate_hz": {"x": 1.0}}, {"time_column": "x"}],
)  # fmt: skip
def test_an_unknown_column_is_named_with_the_known_ones(write: Any, argument: dict[str, Any]) -> None:
    with pytest.raises(UnknownNameError, match=rf"no column 'x' for {next(iter(argument))}; known: time, a"):
        read_table(write("time,a\n0,1\n1,2\n"), **argument)


_BAD_FILES: list[tuple[str, type[Exception], str]] = [
    ("", FileFormatError, "is empty"),
    ("\n\n", FileFormatError, "is empty"),
    ("time,a\n", DataError, "has a header and no rows"),
    ("0.0,1.0\n0.5,2.0\n", DataError, "first line must name the columns"),
    ("time,a,b,a\n0,1,2,3\n", DataError, "every column needs a name of its own; rename 'a'"),
    ("time,a\n0,1\n1,2,3\n2,3\n", FileFormatError, "do not all have the 2 fields"),
    ("time,a\n0,1,9\n1,2,3\n2,3,4\n", FileFormatError, "do not all have the 2 fields"),
    ("time,a,b\n0,1,2\n1,2,3\n2,3", FileFormatError, r"last line is truncated.*2 of 3 fields"),
    ("time,a\n0,1\n1,2\n1,3\n", DataError, r"column 'time': row 3 repeats the time stamp of row 2.*duplicates='first'"),
    ("time,a\n0,1\n2,2\n1,3\n", DataError, r"column 'time': time goes backwards in row 3.*sort=True"),
    ("time,a\n0,1\n,2\n2,3\n", DataError, "row 2 has no readable time stamp"),
    ("time,mode\n0,1\n1,auto\n", DataError, r"column 'mode': row 2 is not a number; leave it out.*'auto'"),
    ("time,a\n0,1\n1,2\nx,2\n2,3\n", DataError, "row 3 has no readable time stamp.*'x'"),
    ("time,a\n0;1,5\n", DataError, "row 1 has no readable time stamp"),
    ("time\n0\n1\n", DataError, "no column of numbers is left"),
    ("time,anomaly\n0,0\n1,1\n", DataError, "no column of numbers is left"),
    ("a,b\n1,2\n2,3\n", DataError, "no time column was found; name it with time_column, or give rate_hz"),
    ("time,a\n0,1\n", DataError, r"one row does not tell a rate; give rate_hz"),
    ("time,timestamp,a\n0,0,1\n1,1,2\n", DataError, r"several columns could be the time.*time_column"),
    ("time,\n0,1\n1,2\n", DataError, r"needs a name.*leave_out"),
    ("time,a\n0,1\n1,1e300\n", DataError, r"column 'a': row 2 is too large for float32"),
    ("\0\1\2\3", FileFormatError, "is no text file"),
]


@pytest.mark.parametrize(("text", "kind", "message"), _BAD_FILES, ids=[message[:30] for *_, message in _BAD_FILES])
def test_a_bad_file_says_why(write: Any, text: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        read_table(write(text))
    assert "a.csv" in str(caught.value)


def test_one_name_is_no_list_of_names(write: Any) -> None:
    with pytest.raises(DataError, match=r"leave_out takes a list of column names; write \['mode'\]"):
        read_table(write("time,a,mode\n0,1,2\n1,1,2\n"), leave_out="mode")


def test_missing_paths(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="does not exist"):
        read_table(tmp_path / "gone.csv")
    with pytest.raises(FileFormatError, match="does not exist"):
        read_table(tmp_path / "gone.parquet")
    with pytest.raises(FileFormatError, match="is a folder"):
        read_table(tmp_path)


def test_other_encodings_are_refused(write: Any) -> None:
    with pytest.raises(FileFormatError, match="is not UTF-8 text"):
        read_table(write("time,Öl\n0,1\n1,2\n", encoding="latin-1"))
    late = "time,a,note\n" + "".join(f"{i},1,x\n" for i in range(50)) + "50,1,ö\n"
    with pytest.raises(FileFormatError, match="is not UTF-8 text"):
        read_table(write(late, encoding="latin-1"))


def test_broken_parquet(tmp_path: Path) -> None:
    path = _as_parquet(tmp_path / "a")
    data = path.read_bytes()
    for part in (b"", data[:50], b"time,a\n0,1\n"):
        path.write_bytes(part)
        with pytest.raises(FileFormatError, match="cannot be read as Parquet"):
            read_table(path)


def test_text_in_parquet(tmp_path: Path) -> None:
    pd.DataFrame({"time": [0.0, 1.0, 2.0], "mode": [None, "auto", "off"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"column 'mode': row 2 is not a number.*'auto'"):
        read_table(tmp_path / "a.parquet")


@pytest.mark.parametrize("value", ["-1", "65536", "1.5"])
def test_words_have_sixteen_bits(write: Any, value: str) -> None:
    with pytest.raises(DataError, match=r"column 'w': row 2 is no 16-bit word"):
        read_table(write(f"time,w\n0,1\n1,{value}\n"), words=["w"])


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), {"a": 0.0}])
def test_rates_are_positive(write: Any, rate: Any) -> None:
    with pytest.raises(DataError, match="rate_hz must be positive"):
        read_table(write("time,a\n0,1\n1,2\n"), rate_hz=rate)


def test_disorder_is_repaired_when_asked(write: Any) -> None:
    path = write("time,a\n0,1\n2,2\n1,3\n1,4\n")
    with pytest.raises(DataError, match="row 4 repeats the time stamp of row 3"):
        read_table(path, sort=True)
    first = read_table(path, sort=True, duplicates="first").stream("a")
    np.testing.assert_array_equal(first.values, np.float32([1, 3, 2]))
    np.testing.assert_array_equal(first.time_s, [0, 1, 2])
    last = read_table(path, sort=True, duplicates="last").stream("a")
    np.testing.assert_array_equal(last.values, np.float32([1, 4, 2]))
