import json

import pytest

from builders.counting import NOW, Counted, answers_for, counted, scores_of, some_rows
from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import label_text
from perennial_serving.counters.counters import Counters
from perennial_serving.counters.layout import OLDER_VERSIONS
from perennial_serving.endpoints.feedback import Feedback, Reply
from perennial_serving.endpoints.prediction_id import Signer, Verifier
from perennial_serving.wire.errors import RequestError

KEY = bytes(range(32))
VERSION = "flight-delay-1"


class Served:
    """A server's counting of rows and labels."""

    def __init__(self, classes: str = "two", **changes) -> None:
        self.here: Counted = counted(classes, **changes)
        self.feedback = feedback(self.here, self.here.counters)

    def ids(self, answers: Answers, version: str = VERSION, now: float = NOW) -> list[str]:
        layout = self.here.layout
        classes = [label_text(label) for label in layout.schema.classes or ()]
        signer = Signer(KEY, version, layout.kind, classes, f"pod/{id(answers)}")
        return signer.issue(self.here.counters.score(answers), now)

    def some_ids(self, rows: int, **changes) -> list[str]:
        return self.ids(answers_for(self.here.layout.schema, rows), **changes)

    def send(self, *labels: tuple[str, object]) -> Reply:
        return self.send_body({"feedback": [{"id": id_, "label": label} for id_, label in labels]})

    def send_body(self, body: object) -> Reply:
        return self.feedback.take(json.dumps(body).encode(), NOW)

    def outcomes(self, *labels: tuple[str, object]) -> list[str]:
        return [one["outcome"] for one in self.send(*labels).content["feedback"]]

    def values(self) -> dict[str, float]:
        self.here.counters.flush()
        return self.here.values()

    def by_bin(self, name: str) -> dict[str, float]:
        return {k: v for k, v in self.values().items() if k.startswith(name) and v}


def feedback(here: Counted, counters: Counters) -> Feedback:
    return Feedback(counters, Verifier(KEY), here.shared.ids, VERSION, limit=50)


def test_a_label_may_be_called_as_the_list_of_labels_is():
    served = Served()
    (id_,) = served.some_ids(1)
    reply = served.send_body({"id": id_, "label": "feedback"})
    assert reply.content["feedback"][0]["message"].startswith("the model's classes are")


def test_a_label_is_counted_in_the_bin_of_its_prediction():
    served = Served()
    answers = answers_for(served.here.layout.schema, 30)
    bins = served.here.counters.score(answers).bins.tolist()
    reply = served.send(*((id_, True) for id_ in served.ids(answers)))
    assert (reply.status, reply.content["counted"]) == (200, 30)
    assert served.by_bin("perennial_feedback_bin_total") == {
        f'perennial_feedback_bin_total{{bin="{bin_ + 1}",label="true"}}': bins.count(bin_)
        for bin_ in bins
    }


def test_one_label_may_come_without_a_list():
    served = Served()
    (id_,) = served.some_ids(1)
    assert served.send_body({"id": id_, "label": False}).content["counted"] == 1


def test_a_label_is_counted_once():
    served = Served()
    (id_,) = served.some_ids(1)
    assert served.outcomes((id_, True), (id_, True)) == ["Counted", "Repeated"]
    reply = served.send((id_, False))
    assert (reply.status, reply.content["repeated"]) == (200, 1)
    values = served.values()
    assert values['perennial_feedback_total{outcome="Counted"}'] == 1
    assert values['perennial_feedback_total{outcome="Repeated"}'] == 2


def test_a_label_is_counted_once_whichever_worker_takes_it():
    served = Served(workers=2)
    (id_,) = served.some_ids(1)
    other = Counters(served.here.layout, served.here.shared, 1)
    assert served.outcomes((id_, True)) == ["Counted"]
    body = json.dumps({"id": id_, "label": True}).encode()
    assert feedback(served.here, other).take(body, NOW).content["repeated"] == 1


def test_each_label_gets_its_own_answer():
    served = Served()
    good, late = served.some_ids(1)[0], served.some_ids(1, now=NOW - 91 * 86400)[0]
    foreign = Signer(bytes(32), VERSION, served.here.layout.kind, ["false", "true"], "x").issue(
        scores_of((0, 0.1, 1)), NOW
    )[0]
    sent = [(good, True), ("x", True), (good[:-4] + "AAAA", True), (foreign, True), (late, True)]
    reply = served.send(*sent)
    assert [one["outcome"] for one in reply.content["feedback"]] == [
        *("Counted", "Malformed", "Forged", "Foreign", "TooLate")
    ]
    assert all("message" in one for one in reply.content["feedback"][1:])
    assert (reply.status, reply.content["refused"]) == (200, 4)


def test_a_request_of_which_nothing_counts_is_refused():
    assert Served().send(("x", True)).status == 422


def test_an_unknown_label_does_not_use_up_its_id():
    served = Served()
    (id_,) = served.some_ids(1)
    reply = served.send((id_, "perhaps"))
    assert reply.content["feedback"] == [
        {"outcome": "UnknownLabel", "message": "the model's classes are false, true"}
    ]
    assert served.outcomes((id_, 1), (id_, "true")) == ["UnknownLabel", "Counted"]


def test_labels_of_three_classes_are_right_or_wrong():
    served = Served("three")
    answers = Answers(["late", "late"], answers_for(served.here.layout.schema, 2).probabilities)
    first, second = served.ids(answers)
    assert served.outcomes((first, "late"), (second, "early")) == ["Counted", "Counted"]
    found = served.by_bin("perennial_feedback_bin_total")
    assert sorted(name.rpartition(",")[2] for name in found) == ['right="false"}', 'right="true"}']


def test_labels_of_a_regression_are_counted_by_their_errors():
    served = Served("none")
    ids = served.ids(Answers([10.0, 10.0, 10.0], None))
    served.send((ids[0], 7), (ids[1], 14.5), (ids[2], 10))
    found = list(served.by_bin("perennial_feedback_").values())
    # outcome, labels, over, under, squares
    assert found == [3, 3, 3.0, 4.5, 9 + 20.25]


@pytest.mark.parametrize("label", [True, "7", 10**400])
def test_the_label_of_a_regression_is_a_number(label: object):
    served = Served("none")
    (id_,) = served.some_ids(1)
    assert served.outcomes((id_, label)) == ["UnknownLabel"]


def test_labels_of_an_older_version_are_counted_under_its_name():
    served = Served()
    old, new = served.some_ids(1, version="flight-delay-0")[0], served.some_ids(1)[0]
    served.send((old, True), (new, True))
    found = served.by_bin("perennial_feedback_bin_total")
    assert sum('version="flight-delay-0"' in name for name in found) == 1
    assert list(found.values()) == [1, 1]


def test_older_versions_are_counted_up_to_a_number():
    served = Served()
    for number in range(OLDER_VERSIONS):
        (id_,) = served.some_ids(1, version=f"v-{number}")
        assert served.outcomes((id_, True)) == ["Counted"]
    (id_,) = served.some_ids(1, version="one-more")
    assert served.outcomes((id_, True)) == ["TooManyVersions"]


def test_versions_with_another_kind_of_answer_are_told_apart():
    (id_,) = Served("none").some_ids(1)
    assert Served().outcomes((id_, True)) == ["OtherKind"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"feedback": []}, "$.feedback"),
        ({"feedback": [{"id": "x"}]}, "$.feedback[0].label"),
        ({"id": "x"}, "$.label"),
        ({"feedback": [{"id": "x", "label": None}]}, "$.feedback[0].label"),
        ({"feedback": [{"id": "x", "label": 1}] * 51}, "$.feedback"),
    ],
)
def test_a_malformed_request_is_refused_with_its_place(body: object, path: str):
    with pytest.raises(RequestError) as refused:
        Served().send_body(body)
    assert refused.value.path == path


def test_rows_and_labels_go_together():
    """The whole way: rows are counted, ids issued, labels counted against them."""
    served = Served()
    batch, answers = some_rows(served.here.layout, 40)
    served.here.counters.rows(batch, answers, NOW)
    served.send(*((id_, True) for id_ in served.ids(answers)))
    values = served.values()
    for bin_ in served.here.layout.score_bins:
        said = values[f'perennial_prediction_bin_total{{bin="{bin_}"}}']
        true = values[f'perennial_feedback_bin_total{{bin="{bin_}",label="true"}}']
        assert said == true
