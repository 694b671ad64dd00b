import joblib
from threadpoolctl import threadpool_info

from perennial.jobs.recipe.threads import reproducible


def test_numerics_run_in_one_thread_whatever_the_workers():
    with reproducible(workers=3):
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
        assert joblib.Parallel().n_jobs == 3
