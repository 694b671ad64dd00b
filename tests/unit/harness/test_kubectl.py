from harness.kubectl import condition, conditions, documents


def dataset(status="True", observed=2, generation=2):
    ready = {"type": "Ready", "status": status, "observedGeneration": observed}
    return {"metadata": {"generation": generation}, "status": {"conditions": [ready]}}


def test_a_condition_is_true_unless_said_otherwise():
    assert condition("Ready")(dataset())
    assert not condition("Ready")(dataset(status="False"))
    assert condition("Ready=False")(dataset(status="False"))


def test_a_condition_of_an_older_generation_does_not_count():
    assert not condition("Ready")(dataset(observed=1))


def test_a_condition_that_is_not_there_does_not_hold():
    assert not condition("Stalled=False")(dataset())
    assert conditions({"metadata": {}}) == {}


def test_conditions_without_a_generation_are_taken_as_they_are():
    job = {
        "metadata": {"generation": 1},
        "status": {"conditions": [{"type": "Complete", "status": "True"}]},
    }

    assert condition("Complete")(job)


def test_manifests_come_as_text_files_objects_or_several(tmp_path):
    (tmp_path / "two.yaml").write_text("a: 1\n---\nb: 2\n---\n")

    assert documents("a: 1\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]
    assert documents(tmp_path / "two.yaml") == [{"a": 1}, {"b": 2}]
    assert documents({"a": 1}) == [{"a": 1}]
    assert documents({"a": n} for n in (1, 2)) == [{"a": 1}, {"a": 2}]
