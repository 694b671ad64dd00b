"""Which object stores the resources of a namespace may name."""

from perennial.api.conditions import Findings, stalled
from perennial.api.configuration import Configuration, Store
from perennial.api.reasons import SpecReason


def find_store(configuration: Configuration, name: str, namespace: str) -> Store | None:
    """Return the store that has this name in a namespace; None if there is no such store."""
    return _open_to(configuration, namespace).get(name)


def store_not_found(
    configuration: Configuration, name: str, namespace: str, field: str
) -> Findings:
    """Return the findings of a field that names no store of the namespace."""
    known = ", ".join(sorted(_open_to(configuration, namespace))) or "none"
    return stalled(
        SpecReason.STORE_NOT_FOUND,
        f"{field}: namespace {namespace} has no object store {name!r}; available are: "
        f"{known}. Name one of these, or have an administrator configure it",
    )


def _open_to(configuration: Configuration, namespace: str) -> dict[str, Store]:
    return {
        name: store
        for name, store in configuration.stores.items()
        if not store.namespaces or namespace in store.namespaces
    }
