"""The pipeline as people load it, asked with a frame."""

import os

import joblib
import pandas as pd

PIPELINE = joblib.load(os.environ["PIPELINE"])


def of_frame(frame: pd.DataFrame) -> list[list[float]]:
    """Return the probabilities of every row."""
    return PIPELINE.predict_proba(frame).tolist()


def of_rows(rows: list[dict]) -> list[list[float]]:
    """Return the probabilities of every row."""
    return of_frame(pd.DataFrame(rows))
