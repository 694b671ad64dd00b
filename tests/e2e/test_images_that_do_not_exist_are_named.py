"""An administrator's mistake: whoever waits is told the image, and needs to do nothing."""

import pytest

from builders import churn
from harness.operator_process import OperatorProcess
from harness.team import Team, message

pytestmark = pytest.mark.e2e

NO_JOB, NO_SERVER = "localhost/no-such-job:1", "localhost/no-such-server:1"


def given_an_operator_without_images(operator: OperatorProcess) -> tuple[str, str]:
    """Return the images that would have been right."""
    right = operator.configuration.images
    operator.restart_with(training=NO_JOB, server=NO_SERVER)
    return right.training, right.server


def test_images_that_do_not_exist_are_named_and_correcting_them_is_enough(team: Team, operator):
    job, server = given_an_operator_without_images(operator)
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    team.applies(churn.dataset(path=path), churn.model(), churn.deployment(replicas=1))

    told = team.waits_for_reason("Dataset", "churn", "ImageUnavailable")
    assert NO_JOB in message(told)
    assert "operator's configuration" in message(told)

    operator.restart_with(training=job)
    team.waits("Model", "churn")
    told = team.waits_for_reason("ModelDeployment", "churn", "ImageUnavailable")
    assert NO_SERVER in message(told)

    operator.restart_with(server=server)
    team.waits("ModelDeployment", "churn")
    assert len(team.versions("churn")) == 1
