"""A Dataset's contract: the part of its spec that selects and checks rows, and its digest."""

from perennial.api.dataset import DatasetSpec
from perennial.api.digests import digest_of
from perennial.api.scalars import Digest

DEFAULT_STORE = "default"
"""Store of the snapshots of a Dataset whose source is not in a store itself."""

_CONTRACT = {"source", "filter", "time_column", "window", "columns", "other_columns", "quality"}


def contract_of(spec: DatasetSpec) -> DatasetSpec:
    """Return the part of a spec that is its contract."""
    kept = {name: getattr(spec, name) for name in _CONTRACT & spec.model_fields_set}
    return DatasetSpec.model_construct(_fields_set=set(kept), **kept)


def contract_digest(spec: DatasetSpec) -> Digest:
    """Return the digest of a contract: equal contracts select and check rows alike."""
    return digest_of(
        spec.model_dump(mode="json", by_alias=True, exclude_defaults=True, include=_CONTRACT)
    )


def store_name(spec: DatasetSpec) -> str:
    """Return the name of the store that holds a Dataset's snapshots."""
    return spec.source.object.store if spec.source.object else DEFAULT_STORE
