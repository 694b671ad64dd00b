import subprocess

import pytest

from harness.checks import LONGEST_FIRST

LINTERS = [check for check in LONGEST_FIRST if check.name in ("mypy", "import-linter")]


@pytest.mark.parametrize("check", LINTERS, ids=lambda check: check.name)
def test_a_linter_without_anything_to_check_fails_so_it_does_run(check, tmp_path):
    done = subprocess.run(check.argv, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode != 0
