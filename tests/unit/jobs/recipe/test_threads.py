import joblib
import pytest
from threadpoolctl import threadpool_info

from perennial.jobs.recipe.threads import cpus, reproducible


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("max 100000", 1), ("100000 100000", 1), ("250000 100000", 3), ("50000 100000", 1)],
)
def test_a_training_takes_the_cpus_of_its_limit(limit, expected, tmp_path):
    (tmp_path / "cpu.max").write_text(f"{limit}\n")
    assert cpus(tmp_path / "cpu.max") == expected


def test_without_a_limit_it_takes_one(tmp_path):
    assert cpus(tmp_path / "cpu.max") == 1


def test_numerics_run_in_one_thread_whatever_the_workers():
    with reproducible(workers=3):
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
        assert joblib.Parallel().n_jobs == 3
