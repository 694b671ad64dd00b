from dataclasses import replace

import pytest

from harness.cluster import TESTS, Machine, choice
from harness.programs import HarnessError


def test_a_container_engine_means_kind():
    assert choice(Machine(has_engine=True, is_linux=True, is_root=True)) == "kind"


def test_tests_run_on_the_local_node_where_both_are_possible():
    both = Machine(has_engine=True, is_linux=True, is_root=True)

    assert choice(both, TESTS) == "local"
    assert choice(replace(both, is_root=False), TESTS) == "kind"
    assert choice(replace(both, wish="kind"), TESTS) == "kind"


def test_root_on_linux_without_an_engine_means_the_local_node():
    assert choice(Machine(has_engine=False, is_linux=True, is_root=True)) == "local"


def test_the_local_node_can_be_wished_for_beside_an_engine():
    assert choice(Machine(has_engine=True, is_linux=True, is_root=True, wish="local")) == "local"


@pytest.mark.parametrize(("is_linux", "is_root"), [(True, False), (False, True), (False, False)])
def test_where_neither_works_the_message_says_what_would(is_linux, is_root):
    with pytest.raises(HarnessError, match=r"start a container engine .* or run as root on Linux"):
        choice(Machine(has_engine=False, is_linux=is_linux, is_root=is_root))


def test_a_wish_for_kind_without_an_engine_names_the_engine():
    with pytest.raises(HarnessError, match="docker info"):
        choice(Machine(has_engine=False, is_linux=True, is_root=True, wish="kind"))


def test_an_unknown_wish_is_refused():
    with pytest.raises(HarnessError, match="it can be kind or local"):
        choice(Machine(has_engine=True, is_linux=True, is_root=True, wish="minikube"))
