"""The design of a pipeline: recipe, schema and seed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

from perennial.api.column_type import ColumnType
from perennial.api.estimators import Estimator, default_estimator, table
from perennial.api.model import Recipe
from perennial.artifacts.model_schema import ModelSchema

NUMBERS: Final = (ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.TIMESTAMP)
"""Types that a pipeline treats as numbers."""


@dataclass(frozen=True, slots=True)
class Design:
    """Recipe, schema and seed of one pipeline."""

    recipe: Recipe
    schema: ModelSchema
    seed: int

    @property
    def name(self) -> str:
        """Class name of the estimator."""
        return self.recipe.estimator or default_estimator(self.schema.problem)

    @property
    def traits(self) -> Estimator:
        """The estimator's entry in the generated table."""
        return table()[self.name]

    def with_parameters(self, parameters: Mapping[str, str]) -> Self:
        """Return the same design with further parameters."""
        together = {**self.recipe.parameters, **parameters}
        return replace(self, recipe=self.recipe.model_copy(update={"parameters": together}))

    def names(self, *types: ColumnType) -> list[str]:
        """Return the columns of these types."""
        return [column.name for column in self.schema.inputs if column.type in types]

    @property
    def splits_by_category(self) -> bool:
        """Whether the estimator splits on categories natively, by `categorical_features`."""
        return (
            "categorical_features" in self.traits.parameters
            and self.recipe.categorical.encode == "Ordinal"
            and bool(self.names(ColumnType.CATEGORY))
        )
