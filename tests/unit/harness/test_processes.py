import gc
import warnings
from pathlib import Path

from harness.processes import Daemon, ensure, is_running, recorded, stop


def test_a_daemon_is_started_once_and_outlives_who_started_it_without_a_warning(tmp_path: Path):
    daemon = Daemon("sleeper", ("sleep", "60"), tmp_path)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert ensure(daemon)
        assert not ensure(daemon)
        gc.collect()
    assert told == []
    stop(recorded(tmp_path))
    assert not is_running(daemon)
