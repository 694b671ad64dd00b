import operator
import sysconfig
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    *("pyproject.toml", "README.md", "Makefile", "kind-config.yaml"),
    *("operator", "crds", "charts", "serving", "tests", "docs"),
}


def test_no_module_lies_directly_in_the_operator_folder():
    assert not list((ROOT / "operator").glob("*.py"))


def test_the_standard_library_keeps_its_operator_module():
    assert Path(operator.__file__).parent == Path(sysconfig.get_path("stdlib"))


def test_the_root_holds_only_what_belongs_there():
    seen = {entry.name for entry in ROOT.iterdir() if not entry.name.startswith(".")}

    assert seen <= ALLOWED


def test_no_folder_of_tests_is_passed_over(pytestconfig):
    passed_over = pytestconfig.getini("norecursedirs")
    folders = {file.parent for file in (ROOT / "tests").rglob("test_*.py")}
    ways = {part for folder in folders for part in folder.relative_to(ROOT).parts}

    assert not [one for one in ways for pattern in passed_over if fnmatch(one, pattern)]
