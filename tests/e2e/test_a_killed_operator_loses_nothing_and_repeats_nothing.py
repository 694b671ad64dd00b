"""SIGKILL at random moments, while Models train: each is trained once."""

import random
import time
from collections import Counter

import pytest

from builders import churn
from harness.operator_process import OperatorProcess
from harness.team import Team, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

PAUSE = (0.3, 6.0)
"""Shortest and longest life of an operator, in seconds."""


def given_models_that_differ(team: Team, count: int) -> list[str]:
    path = team.uploads("churn.csv", churn.as_csv(churn.rows()))
    names = [f"churn-{number}" for number in range(count)]
    team.applies(churn.dataset(path=path))
    for number, name in enumerate(names):
        team.applies(churn.model(name, recipe=churn.logistic(C=f"{number + 1}.5")))
    return names


def when_it_is_killed_at_random(operator: OperatorProcess, kills: int) -> None:
    draw = random.Random(20130101)
    for _ in range(kills):
        time.sleep(draw.uniform(*PAUSE))
        operator.kill()
        operator.start()
    operator.wait_ready()


def then_each_was_trained_once(team: Team, names: list[str]) -> None:
    for name in names:
        team.waits("Model", name, seconds=600)
        assert len(team.versions(name)) == 1
        # the Job itself says so some seconds after its pod has ended
        eventually(
            lambda name=name: succeeded_jobs(team, name) == 1, f"one Job of {name} succeeded"
        )
    assert no_two_ran_at_once(team)


def succeeded_jobs(team: Team, name: str) -> int:
    return sum(job["status"].get("succeeded", 0) for job in team.jobs(name))


def no_two_ran_at_once(team: Team) -> bool:
    """Attempts are counted in names: a second attempt means that a first was given up."""
    jobs = team.kubectl.all("Job")
    inputs = Counter(job["metadata"]["name"].rpartition("-")[0] for job in jobs)
    return max(inputs.values()) == 1


@pytest.mark.parametrize(
    ("models", "kills"), [(5, 8), pytest.param(20, 30, marks=pytest.mark.long)]
)
def test_every_model_is_trained_once_whenever_the_operator_is_killed(team, operator, models, kills):
    names = given_models_that_differ(team, models)
    when_it_is_killed_at_random(operator, kills)
    then_each_was_trained_once(team, names)
