"""Designs of pipelines and the rows they are fitted on, for tests of training."""

import numpy as np
import pyarrow as pa

from builders.training import COLUMNS, table
from perennial.api.model import Recipe
from perennial.api.problem import Problem
from perennial.artifacts.frame import canonical_frame
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial.jobs.recipe.design import Design
from perennial.jobs.table.rows import Rows
from perennial.jobs.table.target import classes_of, positive_class, target_values

FEATURES = ("amount", "visits", "member", "since", "city")


def inputs(*names: str, nullable: bool = True) -> tuple[Input, ...]:
    return tuple(
        Input(name=name, type=COLUMNS[name], nullable=nullable) for name in names or FEATURES
    )


def rows(target: str = "late", of: pa.Table | None = None, names: tuple = FEATURES) -> Rows:
    """Rows of a small table as a pipeline takes them."""
    of = table() if of is None else of
    frame = canonical_frame(inputs(*names), of.select(list(names)).to_pandas())
    problem = Problem.REGRESSION if target == "price" else Problem.CLASSIFICATION
    return Rows(frame=frame, target=target_values(of.column(target), problem), groups=None)


def design(
    target: str = "late",
    names: tuple = FEATURES,
    *,
    seed: int = 0,
    nullable: bool = True,
    **recipe,
) -> Design:
    """What a pipeline for this target is made of."""
    is_number = target == "price"
    classes = None if is_number else classes_of(rows(target).target)
    schema = ModelSchema(
        problem=Problem.REGRESSION if is_number else Problem.CLASSIFICATION,
        target=target,
        classes=classes,
        positive_class=positive_class(classes, None) if classes else None,
        inputs=inputs(*names, nullable=nullable),
    )
    return Design(Recipe.model_validate(recipe), schema, seed)


def row(**values) -> dict:
    """A row as it stands on the wire; what is not given is missing."""
    return {**dict.fromkeys(FEATURES), **values}


def every_class(target: str) -> list:
    return np.unique(rows(target).target).tolist()
