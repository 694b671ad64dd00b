import json

import pytest

from perennial.api.column_type import ColumnType
from perennial.artifacts.manifest import DigestMismatchError, StoredFile
from perennial.artifacts.snapshot import SnapshotColumn, SnapshotManifest

CONTRACT = f"sha256:{'c' * 64}"


def manifest(**changes):
    columns = (
        SnapshotColumn(name="carrier", type=ColumnType.CATEGORY, nullable=True, sha256="a" * 64),
        SnapshotColumn(name="late", type=ColumnType.BOOLEAN, nullable=False, sha256="b" * 64),
    )
    files = (StoredFile(name="part-00000.parquet", sha256="d" * 64, bytes=10),)
    fields = {"contract": CONTRACT, "rows": 3, "columns": columns, "files": files}
    return SnapshotManifest(**(fields | changes))


def test_rows_names_and_types_make_the_identity():
    columns = manifest().columns
    renamed = columns[0].model_copy(update={"name": "airline"})
    retyped = columns[0].model_copy(update={"type": ColumnType.INTEGER})
    changed = columns[0].model_copy(update={"sha256": "e" * 64})
    others = [(renamed, columns[1]), (retyped, columns[1]), (changed, columns[1])]
    digests = {manifest(columns=other).digest for other in others}
    digests |= {manifest().digest, manifest(rows=4).digest}
    assert len(digests) == 5


def test_neither_files_nor_contract_nor_the_order_of_columns_change_the_identity():
    other_file = StoredFile(name="x.parquet", sha256="0" * 64, bytes=1)
    other = manifest(
        contract=f"sha256:{'0' * 64}", files=(other_file,), columns=manifest().columns[::-1]
    )
    assert other.digest == manifest().digest


def test_a_manifest_read_back_is_verified_by_its_digest():
    content = manifest().model_dump_json(by_alias=True).encode()
    assert SnapshotManifest.from_bytes(content, manifest().digest) == manifest()
    changed = json.loads(content)
    changed["columns"][0]["sha256"] = "0" * 64
    with pytest.raises(DigestMismatchError, match=r"snapshot\.json describes sha256"):
        SnapshotManifest.from_bytes(json.dumps(changed).encode(), manifest().digest)
    with pytest.raises(DigestMismatchError, match=r"snapshot\.json cannot be read"):
        SnapshotManifest.from_bytes(b"{}", manifest().digest)


def test_it_tells_types_parts_and_size(tmp_path):
    assert manifest().types() == {"carrier": "Category", "late": "Boolean"}
    assert manifest().parts(tmp_path) == [tmp_path / "part-00000.parquet"]
    assert manifest().bytes == 10
