"""A namespace without ModelDeployments, and its end."""

import pytest

from harness.kubectl import Kubectl
from integration.decisions.test_admission import applied, decided

pytestmark = pytest.mark.integration


def test_people_decide_where_nothing_is_deployed(strangers):
    assert decided(strangers)


def test_records_do_not_outlive_or_hold_up_their_namespace(strangers):
    applied(strangers)
    decided(strangers)
    everywhere = Kubectl(strangers.admin.api)
    everywhere.delete("Namespace", strangers.namespace)
    everywhere.wait_gone("Namespace", strangers.namespace)
