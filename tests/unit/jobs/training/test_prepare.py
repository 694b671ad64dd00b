import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from builders.training import settings, snapshot, table, task
from doubles.store import MemoryStore
from perennial.api.reasons import JobReason
from perennial.api.tasks import TrainingTask
from perennial.artifacts.manifest import DigestMismatchError
from perennial.jobs.report import JobFailure
from perennial.jobs.training.prepare import SNAPSHOT_FOLDER, check_recipe, part, prepare


def parted(rows: pa.Table, stated, folder) -> tuple[pa.Table, pa.Table]:
    where = settings(folder)
    part(snapshot(rows, where), stated, where.input)
    return tuple(
        pq.read_table(where.input / name) for name in ("train.parquet", "held-out.parquet")
    )


def without(rows: pa.Table, name: str, count: int) -> pa.Table:
    """The same rows, the first few without a value."""
    kept = pa.nulls(count, rows.schema.field(name).type)
    column = pa.chunked_array([kept, *rows.column(name).slice(count).chunks])
    return rows.set_column(rows.schema.get_field_index(name), name, column)


@pytest.mark.parametrize("method", ["Time", "Random", "Group"])
def test_every_row_is_in_exactly_one_part(method, tmp_path):
    rows = table(200)
    split = {"method": method, "holdout": "0.25", "column": "shop" if method == "Group" else None}
    train, held_out = parted(rows, task(split=split), tmp_path)
    assert train.schema == held_out.schema == rows.schema
    together = pa.concat_tables([train, held_out]).to_pylist()
    assert sorted(map(str, together)) == sorted(map(str, rows.to_pylist()))
    assert len(held_out) == pytest.approx(50, abs=25)


def test_the_newest_rows_are_held_out(tmp_path):
    train, held_out = parted(table(), task(), tmp_path)
    assert pc.max(train.column("seen")).as_py() < pc.min(held_out.column("seen")).as_py()


def test_whole_groups_are_held_out(tmp_path):
    stated = task(split={"method": "Group", "column": "shop"})
    train, held_out = parted(table(), stated, tmp_path)
    assert not set(train.column("shop").to_pylist()) & set(held_out.column("shop").to_pylist())


def test_rows_keep_their_order(tmp_path):
    rows = table().append_column("n", pa.array(range(240), pa.int64()))
    stated = task(time=False)
    where = settings(tmp_path)
    part(snapshot(rows.drop_columns("n"), where), stated, where.input)
    amounts = [number for number in rows.column("amount").to_pylist() if number is not None]
    train = pq.read_table(where.input / "train.parquet").column("amount").drop_null().to_pylist()
    assert train == [number for number in amounts if number in set(train)]


def test_rows_without_a_target_or_a_time_are_left_out(tmp_path, capsys):
    rows = without(without(table(), "late", 5), "seen", 8)
    train, held_out = parted(rows, task(), tmp_path)
    assert len(train) + len(held_out) == 232
    assert "8 left out because they have no target or no time" in capsys.readouterr().out


def test_a_missing_time_matters_only_where_rows_are_split_by_it(tmp_path):
    stated = task(split={"method": "Random"})
    train, held_out = parted(without(table(), "seen", 8), stated, tmp_path)
    assert len(train) + len(held_out) == 240


def test_rows_of_one_moment_cannot_be_split_by_time(tmp_path):
    rows = table()
    one = pa.array([rows.column("seen")[0].as_py()] * 240, rows.schema.field("seen").type)
    rows = rows.set_column(rows.schema.get_field_index("seen"), "seen", one)
    with pytest.raises(JobFailure, match="all rows share one moment") as failure:
        parted(rows, task(), tmp_path)
    assert failure.value.reason is JobReason.INVALID_SPEC


def test_one_group_cannot_be_split(tmp_path):
    rows = table()
    one = pa.array(["shop-1"] * 240)
    rows = rows.set_column(rows.schema.get_field_index("shop"), "shop", one)
    with pytest.raises(JobFailure, match="all rows share one shop"):
        parted(rows, task(split={"method": "Group", "column": "shop"}), tmp_path)


def test_a_target_of_one_class_is_refused(tmp_path):
    rows = table()
    never = pa.array([False] * 240)
    rows = rows.set_column(rows.schema.get_field_index("late"), "late", never)
    with pytest.raises(JobFailure, match="it is false in every row") as failure:
        parted(rows, task(), tmp_path)
    assert failure.value.reason is JobReason.INVALID_TARGET


def in_store(where, rows) -> tuple[MemoryStore, TrainingTask]:
    """A store that holds a snapshot of these rows, and the task to learn from it."""
    taken = snapshot(rows, where)
    objects = {"at/snapshot.json": taken.model_dump_json(by_alias=True).encode()}
    for file in taken.files:
        objects[f"at/{file.name}"] = (where.input / SNAPSHOT_FOLDER / file.name).read_bytes()
    stated = task()
    source = stated.snapshot.model_copy(update={"path": "at/", "digest": taken.digest})
    return MemoryStore(objects), stated.model_copy(update={"snapshot": source})


def test_a_snapshot_is_fetched_and_split(tmp_path):
    store, stated = in_store(settings(tmp_path / "made"), table())
    pod = settings(tmp_path / "pod")
    prepare(stated, pod, store)
    assert pq.read_metadata(pod.input / "train.parquet").num_rows == 176
    assert pq.read_metadata(pod.input / "held-out.parquet").num_rows == 64
    assert (pod.input / "snapshot.json").is_file()


def test_a_snapshot_that_was_changed_is_not_learned_from(tmp_path):
    store, stated = in_store(settings(tmp_path / "made"), table())
    store.content["at/part-00000.parquet"] = store.content["at/part-00001.parquet"]
    with pytest.raises(DigestMismatchError, match=r"part-00000\.parquet"):
        prepare(stated, settings(tmp_path / "pod"), store)


def test_a_mistaken_recipe_is_refused_before_anything_is_read():
    with pytest.raises(JobFailure, match="did you mean max_iter") as failure:
        check_recipe(task(recipe={"parameters": {"max_itr": "10"}}))
    assert failure.value.reason is JobReason.INVALID_SPEC
    assert failure.value.in_spec
    check_recipe(task())
