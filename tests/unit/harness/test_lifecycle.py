from harness.lifecycle import outlook
from harness.local.control_plane import KUBERNETES
from harness.servers.images import PROMETHEUS


def test_the_first_line_of_a_first_start_names_what_is_compiled_and_the_minutes():
    line = outlook([KUBERNETES, PROMETHEUS], is_up=False)

    assert "compiles testcluster, prometheus" in line
    assert f"about {KUBERNETES.minutes + PROMETHEUS.minutes + 4} minutes on 2 cores" in line


def test_a_later_start_takes_a_minute_and_a_running_cluster_seconds():
    assert "about one minute" in outlook([], is_up=False)
    assert "a few seconds" in outlook([], is_up=True)
