"""Files of rows like flights, as many as asked for: `flight_rows FOLDER ROWS SUFFIX`."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

FILE_ROWS = 500_000
CARRIERS = np.array(["AA", "AS", "B6", "DL", "EV", "F9", "HA", "MQ", "UA", "US", "VX", "WN"])
ORIGINS = np.array(["EWR", "JFK", "LGA"])
FIRST_HOUR = np.datetime64("2013-01-01T00", "us")


def flights(rows: int, seed: int) -> pd.DataFrame:
    """Return rows with the columns of the demo's flights, and a late column that follows them."""
    draw = np.random.default_rng(seed)
    delay = np.round(draw.gumbel(0, 15, rows), 1)
    tails = np.char.add("N", draw.integers(10_000, 99_999, rows).astype(str))
    hours = draw.integers(0, 365 * 24, rows).astype("timedelta64[h]")
    return pd.DataFrame(
        {
            "time_hour": pd.DatetimeIndex(FIRST_HOUR + hours).tz_localize("UTC"),
            "carrier": draw.choice(CARRIERS, rows),
            "flight": draw.integers(1, 8000, rows),
            "origin": draw.choice(ORIGINS, rows),
            "dest": np.char.add("D", draw.integers(0, 105, rows).astype(str)),
            "tailnum": np.where(draw.random(rows) < 0.01, None, tails),
            "departure_minute": draw.integers(300, 1439, rows),
            "arrival_minute": draw.integers(0, 1439, rows),
            "distance": draw.integers(80, 5000, rows),
            "dep_delay": np.where(draw.random(rows) < 0.02, np.nan, delay),
            **_weather(draw, rows),
            "late": delay > 15,
        }
    )


def _weather(draw: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    names = ("plane_year", "seats", "temp", "dewp", "humid", "wind_dir", "wind_speed", "visib")
    return {name: np.round(draw.normal(50, 20, rows), 2) for name in names}


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write one file in the format of its suffix."""
    match path.suffix:
        case ".parquet":
            pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path)
        case ".csv":
            rows.to_csv(path, index=False)
        case ".jsonl":
            rows.to_json(path, orient="records", lines=True, date_format="iso")


def main() -> None:
    folder, rows, suffix = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    for number, first in enumerate(range(0, rows, FILE_ROWS)):
        count = min(FILE_ROWS, rows - first)
        write(flights(count, number), folder / f"flights-{number:04}{suffix}")


if __name__ == "__main__":
    main()
