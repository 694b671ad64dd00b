"""How containerd names the layers of an image that it has unpacked."""

import hashlib
from collections.abc import Iterable, Iterator


def chains(layers: Iterable[str]) -> Iterator[str]:
    """Return for each layer its name on top of those below it."""
    chain = ""
    for layer in layers:
        chain = chained(chain, layer)
        yield chain


def chained(chain: str, layer: str) -> str:
    """Return how containerd names a layer on top of those below it."""
    if not chain:
        return layer
    return f"sha256:{hashlib.sha256(f'{chain} {layer}'.encode()).hexdigest()}"
