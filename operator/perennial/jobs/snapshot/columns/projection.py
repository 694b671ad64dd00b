"""The columns of the source that a contract selects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from perennial.api.column_type import ColumnType
from perennial.api.dataset import DatasetSpec
from perennial.api.reasons import JobReason
from perennial.api.scalars import ColumnName
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.masking import listed

_NAME = TypeAdapter(ColumnName)


@dataclass(frozen=True, slots=True)
class FileColumns:
    """The columns of one file."""

    file: str
    names: Sequence[str]


def declared_types(contract: DatasetSpec) -> dict[str, ColumnType]:
    """Return the declared types of columns."""
    types = {column.name: column.type for column in contract.columns}
    if contract.time_column is not None:
        types[contract.time_column] = ColumnType.TIMESTAMP
    return types


def required_columns(contract: DatasetSpec) -> set[str]:
    """Return the columns that the contract names."""
    required = {kept.column for kept in contract.filter} | set(contract.quality.unique_key or ())
    return required | set(declared_types(contract))


def selected_columns(contract: DatasetSpec, files: Sequence[FileColumns]) -> list[str]:
    """Return the sorted columns of a snapshot; raise unless every file has each of them."""
    required = required_columns(contract)
    _check_required(required, files)
    others = {name for found in files for name in found.names} - required
    others -= set(contract.quality.forbidden_columns)
    match contract.other_columns:
        case "Ignore":
            others = set()
        case "Refuse" if others:
            raise _mismatch(
                f"{_source(files)} has columns that are not declared: {listed(sorted(others))}; "
                "declare them, remove them, or set otherColumns to Ignore"
            )
        case _:
            _check_others(others, files)
    if not required | others:
        raise JobFailure(
            JobReason.INVALID_SPEC,
            "spec.columns: no column would be taken; declare columns, or set otherColumns to Infer",
            in_spec=True,
        )
    return sorted(required | others)


def forbidden_columns(contract: DatasetSpec, files: Iterable[FileColumns]) -> list[str]:
    """Return the forbidden columns that the source has."""
    names = {name for found in files for name in found.names}
    return [name for name in contract.quality.forbidden_columns if name in names]


def _check_required(required: set[str], files: Sequence[FileColumns]) -> None:
    for found in files:
        if missing := sorted(required - set(found.names)):
            raise _mismatch(
                f"{found.file} has no column {missing[0]!r}; it has {listed(found.names)}; correct "
                "the file or the contract, and for CSV see that csv.delimiter separates its columns"
            )


def _check_others(others: set[str], files: Sequence[FileColumns]) -> None:
    """Raise unless undeclared columns are in every file, with names that can be declared."""
    for found in files:
        if missing := sorted(others - set(found.names)):
            raise _mismatch(
                f"{found.file} lacks the column {listed(missing[:1])} of other files: give all "
                "files the same columns, or set otherColumns to Ignore"
            )
    for name in sorted(others):
        try:
            _NAME.validate_python(name)
        except ValidationError:
            raise _mismatch(
                f"{_source(files)} has a column whose name is empty, or too long, or holds control "
                "characters, quotation marks or backslashes: rename or remove it (pandas: "
                "index=False), or set otherColumns to Ignore"
            ) from None


def _source(files: Sequence[FileColumns]) -> str:
    return files[0].file if len(files) == 1 else "the source"


def _mismatch(message: str) -> JobFailure:
    return JobFailure(JobReason.SCHEMA_MISMATCH, message)
