from doubles.store import MemoryStore
from perennial.jobs.upload import publish_files


def test_the_file_that_names_all_others_is_stored_last(tmp_path):
    names = ["manifest.json", "a", "b"]
    for name in names:
        (tmp_path / name).write_text(name)
    store = MemoryStore()
    assert publish_files(store, "x/", tmp_path, names, last="manifest.json")
    assert store.stored == ["x/a", "x/b", "x/manifest.json"]


def test_what_stands_there_already_is_left_alone(tmp_path):
    (tmp_path / "a").write_text("a")
    store = MemoryStore({"x/a": b"a"})
    assert not publish_files(store, "x/", tmp_path, [], last="a")
    assert store.stored == []
