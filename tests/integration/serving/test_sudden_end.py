"""A worker that is killed loses nothing that it acknowledged, and counts nothing twice."""

import signal

import numpy as np

from fuzz.sudden_end import end_at_instruction, outlived


def test_a_worker_may_end_at_any_instruction():
    outlived(lambda attempt: end_at_instruction(1 + attempt * 37 % 2600), attempts=120)


def test_a_worker_may_end_at_any_moment():
    random = np.random.default_rng(1)

    def end_soon(_attempt: int) -> None:
        signal.setitimer(signal.ITIMER_REAL, float(random.random()) * 4e-3 + 1e-5)

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    outlived(end_soon, attempts=60)
