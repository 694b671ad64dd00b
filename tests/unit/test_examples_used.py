from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_example_is_named_by_a_test():
    tests = "".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    examples = {file.name for file in (ROOT / "crds/examples").iterdir()}
    assert {name for name in examples if f'"{name}"' not in tests} == set()
