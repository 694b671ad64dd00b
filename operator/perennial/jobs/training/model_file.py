"""The model file: skops without pickle; equal models give equal bytes."""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import skops.io
from sklearn.pipeline import Pipeline

from perennial.artifacts.pipeline import MODEL_FILE, TRUSTED_TYPES_FILE
from perennial.artifacts.trusted_types import check_trusted

_SCHEMA = "schema.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_HAVE_NO_IDENTITY = ("JsonNode", "TypeNode")

State = Any  # a node of skops' tree: its format is its own affair


def write_model(pipeline: Pipeline, folder: Path) -> None:
    """Write the model and the list of types that must be trusted to load it."""
    content = _canonical(skops.io.dumps(pipeline))
    types = skops.io.get_untrusted_types(data=content)
    check_trusted(types)
    (folder / MODEL_FILE).write_bytes(content)
    (folder / TRUSTED_TYPES_FILE).write_text(json.dumps(types))


def _canonical(content: bytes) -> bytes:
    """Remove time stamps and the names that skops derives from memory addresses."""
    with ZipFile(io.BytesIO(content)) as archive:
        tree = json.loads(archive.read(_SCHEMA))
        files = {name: _without_padding(archive.read(name)) for name in archive.namelist()}
    files.pop(_SCHEMA)
    names = {name: _name_by_content(name, file) for name, file in files.items()}
    _rename(tree, names)
    written = {names[name]: file for name, file in files.items()}
    schema = json.dumps(tree, separators=(",", ":")).encode()
    return _archive({_SCHEMA: schema, **dict(sorted(written.items()))})


def _name_by_content(name: str, content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()[:32]}{Path(name).suffix}"


def _rename(tree: State, names: dict[str, str]) -> None:
    """Number the shared objects in the order of their first use; drop all other identities."""
    nodes = list(_nodes(tree))
    uses = Counter(node.get("__id__") for node in nodes)
    numbers: dict[int, int] = {}
    for node in nodes:
        address = node.pop("__id__", None)
        if uses[address] > 1 and node["__loader__"] not in _HAVE_NO_IDENTITY:
            node["__id__"] = numbers.setdefault(address, len(numbers) + 1)
        if node.get("file") in names:
            node["file"] = names[node["file"]]


def _nodes(tree: State) -> Iterator[State]:
    if isinstance(tree, list):
        for item in tree:
            yield from _nodes(item)
    elif isinstance(tree, dict):
        if "__loader__" in tree:
            yield tree
        for item in tree.values():
            yield from _nodes(item)


def _without_padding(content: bytes) -> bytes:
    """Zero the padding of structured arrays, which is uninitialized memory."""
    if not content.startswith(b"\x93NUMPY"):
        return content
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.names is None:
        return content
    clean = np.zeros(array.shape, array.dtype)  # zeros_like would copy into fields only
    for name in array.dtype.names:
        clean[name] = array[name]
    buffer = io.BytesIO()
    np.save(buffer, clean, allow_pickle=False)
    return buffer.getvalue()


def _archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = ZipInfo(name, date_time=_EPOCH)
            archive.writestr(entry, content, compress_type=ZIP_DEFLATED)
    return buffer.getvalue()
