import re

import pytest

from perennial.jobs.progress import Progress, log_progress, timed


def test_a_line_is_written_at_once(capsys):
    log_progress("hello")
    assert capsys.readouterr().out == "hello\n"


def test_rows_are_counted_and_logged_at_the_end(capsys):
    progress = Progress("read")
    progress.add(1000, "a.csv")
    progress.add(500, "b.csv")
    progress.end()
    assert progress.rows == 1500
    assert capsys.readouterr().out.startswith("read 1,500 rows in ")


def test_a_step_is_logged_with_its_seconds(capsys):
    with timed("fit"):
        pass
    assert re.fullmatch(r"fit: \d+\.\d s\n", capsys.readouterr().out)


def test_a_step_that_fails_logs_no_seconds(capsys):
    with pytest.raises(ValueError, match="no rows"), timed("fit"):
        raise ValueError("no rows")
    assert capsys.readouterr().out == ""
