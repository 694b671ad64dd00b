"""What a pipeline is made of: a recipe, and what is known of the rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

from perennial.api.column_type import ColumnType
from perennial.api.estimators import Estimator, default_estimator, table
from perennial.api.model import Recipe
from perennial.artifacts.model_schema import ModelSchema

NUMBERS: Final = (ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.TIMESTAMP)
"""Types that a pipeline takes for numbers."""


@dataclass(frozen=True, slots=True)
class Design:
    """What a pipeline is made of."""

    recipe: Recipe
    schema: ModelSchema
    seed: int

    @property
    def name(self) -> str:
        """Class name of the estimator."""
        return self.recipe.estimator or default_estimator(self.schema.problem)

    @property
    def traits(self) -> Estimator:
        """What is known of the estimator."""
        return table()[self.name]

    def with_parameters(self, parameters: Mapping[str, str]) -> Self:
        """Return the same design with some parameters set beside its own."""
        together = {**self.recipe.parameters, **parameters}
        return replace(self, recipe=self.recipe.model_copy(update={"parameters": together}))

    def names(self, *types: ColumnType) -> list[str]:
        """Return the columns of these types."""
        return [column.name for column in self.schema.inputs if column.type in types]

    @property
    def splits_by_category(self) -> bool:
        """Whether the estimator takes categories as they are, once it knows where they stand."""
        return (
            "categorical_features" in self.traits.parameters
            and self.recipe.categorical.encode == "Ordinal"
            and bool(self.names(ColumnType.CATEGORY))
        )
