import platform

import sklearn

from perennial.jobs.training.environment import environment


def test_versions_that_decide_the_result_are_recorded():
    found = environment()
    assert found["python"] == platform.python_version()
    assert found["packages"]["scikit-learn"] == sklearn.__version__
