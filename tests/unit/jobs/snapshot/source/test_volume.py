from perennial.jobs.snapshot.source.volume import files_of


def keys(root, path):
    return [one.key for one in files_of(root, path)]


def test_files_are_listed_as_a_store_lists_objects(tmp_path):
    (tmp_path / "raw" / "deep").mkdir(parents=True)
    for name in ("raw/b.csv", "raw/deep/a.csv", "raw.csv"):
        (tmp_path / name).write_text("x")
    assert keys(tmp_path, "raw/") == ["raw/b.csv", "raw/deep/a.csv"]
    assert keys(tmp_path, "raw.csv") == ["raw.csv"]
    assert keys(tmp_path, "absent/") == []


def test_a_link_that_leads_out_of_the_volume_is_none_of_its_files(tmp_path):
    volume = tmp_path / "volume"
    volume.mkdir()
    (tmp_path / "secret.csv").write_text("x")
    (volume / "a.csv").write_text("x")
    (volume / "inside.csv").symlink_to("a.csv")
    (volume / "outside.csv").symlink_to(tmp_path / "secret.csv")
    assert keys(volume, "inside.csv") == ["inside.csv"]
    assert keys(volume, "outside.csv") == []
