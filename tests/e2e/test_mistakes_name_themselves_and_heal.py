"""Each mistake has a reason of its own and a next step; removing the cause is all it takes."""

from collections.abc import Iterator

import pytest

from builders import churn
from builders.mistakes import ALL
from builders.mistakes.acts import LOCKED, NO_BUCKET, WRONG_KEYS
from builders.mistakes.mistake import Mistake
from harness import operator_process
from harness.api import Api
from harness.bucket import Bucket
from harness.cluster import Cluster
from harness.fixtures import fresh_namespace
from harness.kubectl import conditions
from harness.team import Team, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def team(
    kinds: None, cluster: Cluster, api: Api, bucket: Bucket, tmp_path_factory
) -> Iterator[Team]:
    """Return a team that makes all mistakes at once, next to one Model that is good."""
    with fresh_namespace(api) as kubectl:
        bucket.give_access(kubectl)
        wanted = with_more_stores(operator_process.configuration(cluster, (kubectl.namespace,)))
        folder = tmp_path_factory.mktemp("operator")
        with operator_process.running(cluster, kubectl, folder, wanted):
            erring = Team(kubectl, bucket)
            path = erring.uploads("good.csv", churn.as_csv(churn.rows()))
            erring.applies(churn.dataset("good", path=path), churn.model("good", "good"))
            for mistake in ALL:
                mistake.make(erring)
            yield erring


def with_more_stores(configuration):
    default = configuration.stores["default"]
    stores = {
        "default": default,
        LOCKED: default.model_copy(update={"secret_name": LOCKED}),
        WRONG_KEYS: default.model_copy(update={"secret_name": WRONG_KEYS}),
        NO_BUCKET: default.model_copy(update={"bucket": "no-such-bucket"}),
    }
    # Two cores carry a few attempts at a time: let most of thirty objects wait.
    pauses = configuration.pauses.model_copy(update={"first_retry": "20s", "longest_retry": "2m"})
    return configuration.model_copy(update={"stores": stores, "pauses": pauses})


@pytest.mark.parametrize("mistake", ALL, ids=lambda mistake: mistake.title.replace(" ", "-"))
def test_a_mistake_is_told(team: Team, mistake: Mistake):
    told = team.waits_for_reason(mistake.kind, mistake.name, mistake.reason, 600)

    stated = conditions(told).values()
    said = " ".join(entry["message"] for entry in stated if entry["reason"] == mistake.reason)
    assert [word for word in mistake.words if word not in said] == []
    assert not {"Reconciling", "Stalled"} <= {
        kind for kind, entry in conditions(told).items() if entry["status"] == "True"
    }


def test_nothing_else_is_disturbed(team: Team):
    assert team.waits("Model", "good")
    assert len(team.versions("good")) == 1


def test_removing_the_cause_heals_it_without_any_other_touch(team: Team):
    curable = [mistake for mistake in ALL if mistake.cure]
    for mistake in curable:
        mistake.cure(team)

    def all_are_ready() -> bool:
        return not [mistake for mistake in curable if not is_ready(team, mistake)]

    eventually(all_are_ready, "every cured mistake is forgotten", 1200)


def is_ready(team: Team, mistake: Mistake) -> bool:
    found = team.kubectl.get(mistake.kind, mistake.name)
    return conditions(found).get("Ready", {}).get("status") == "True"
