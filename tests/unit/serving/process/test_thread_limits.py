import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "first", ["perennial_serving.process.thread_limits", "perennial_serving.process.asgi"]
)
def test_libraries_that_are_imported_later_use_one_thread(first: str):
    program = (
        f"import {first}, numpy; from threadpoolctl import threadpool_info; "
        "print({one['num_threads'] for one in threadpool_info()})"
    )
    paths = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=paths, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "{1}"
