from perennial.jobs.snapshot.masking import listed, shape


def test_a_value_is_shown_by_its_shape_alone():
    assert shape("John Smith 7") == "Aaaa Aaaaa 9"
    assert shape("a@b.de\x00") == "a@a.aa?"
    assert shape("x" * 100) == "a" * 24 + "…"


def test_names_of_columns_are_shown_and_what_looks_like_data_is_not():
    assert listed(["dep_delay", "Größe (cm)", "time-hour"]) == "dep_delay, Größe (cm), time-hour"
    assert listed(["mary@example.com", "1545", "x" * 60]) == f"aaaa@aaaaaaa.aaa, 9999, {'a' * 24}…"


def test_many_names_are_cut():
    assert listed(f"c{number}" for number in range(20)).endswith("c11 and 8 more")
