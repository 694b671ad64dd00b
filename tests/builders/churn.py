"""Customers who leave or stay: a small table that a model can learn from in a second."""

import csv
import io
import random
from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]

PLANS = ("basic", "family", "business")


def rows(count: int = 600, seed: int = 0) -> list[Row]:
    """Return customers; those with many complaints, and young ones, leave more often."""
    draw = random.Random(seed)
    return [_row(number, draw) for number in range(count)]


def _row(number: int, draw: random.Random) -> Row:
    age, calls = draw.randint(18, 80), draw.randint(0, 9)
    leaves = draw.random() < 0.05 + 0.08 * calls + (0.15 if age < 30 else 0)
    return {
        "customer": f"c{number:05d}",
        "age": age,
        "plan": draw.choice(PLANS),
        "calls": calls,
        "revenue": round(draw.uniform(5, 90), 2),
        "churned": "true" if leaves else "false",
    }


def as_csv(table: list[Row], delimiter: str = ",") -> str:
    """Return rows as the text of a CSV file with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(table[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def dataset(name: str = "churn", path: str = "raw/churn.csv", **spec: Any) -> Row:
    """Return a Dataset of the file at a path; more of its spec by name."""
    return _manifest("Dataset", name, {"source": {"object": {"path": path}}, **spec})


def model(name: str = "churn", data: str = "churn", recipe: Row | None = None, **spec: Any) -> Row:
    """Return a Model that learns who leaves; more of its spec by name."""
    wanted = {
        "dataset": {"name": data},
        "target": "churned",
        "problem": "Classification",
        "training": {"recipe": recipe or logistic()},
        **spec,
    }
    return _manifest("Model", name, wanted)


def deployment(name: str = "churn", of: str = "churn", **spec: Any) -> Row:
    """Return a ModelDeployment of a Model; more of its spec by name."""
    return _manifest("ModelDeployment", name, {"model": {"name": of}, **spec})


def logistic(**parameters: str) -> Row:
    """Return a recipe that is quick to fit."""
    return {"estimator": "LogisticRegression", "parameters": parameters}


def _manifest(kind: str, name: str, spec: Mapping[str, Any]) -> Row:
    return {
        "apiVersion": "perennial.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": dict(spec),
    }
