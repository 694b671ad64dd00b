"""Every test here trains as a Job does: numerics in one thread."""

import pytest

from perennial.jobs.recipe.threads import reproducible


@pytest.fixture(autouse=True)
def one_thread():
    with reproducible():
        yield
