from perennial.jobs.progress import Progress, log_progress


def test_a_line_is_seen(capsys):
    log_progress("hello")
    assert capsys.readouterr().out == "hello\n"


def test_rows_are_counted_and_told_at_the_end(capsys):
    progress = Progress("read")
    progress.add(1000, "a.csv")
    progress.add(500, "b.csv")
    progress.end()
    assert progress.rows == 1500
    assert capsys.readouterr().out.startswith("read 1,500 rows in ")
