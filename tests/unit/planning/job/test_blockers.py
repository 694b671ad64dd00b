import pytest

from builders.job import NOON, job, pod, refused, unscheduled, waiting
from perennial.planning.job.blockers import blocker_of, refusal_of
from perennial.planning.pod.facts import PodFacts


def blocker(found):
    return blocker_of(PodFacts(job(), found))


def refusal(*events):
    return refusal_of(job(), events, NOON)


PULL = (
    "ErrImagePull: failed to pull and unpack image: failed to resolve reference: job:1: not found"
)
BLOCKERS = [
    (
        "an image that is being pulled again and again",
        pod("Pending", waiting("prepare", "ImagePullBackOff", f'Back-off pulling "job:1": {PULL}')),
        ("ImageUnavailable", "image job:1", "job:1: not found", "spec.job.pod.imagePullSecrets"),
    ),
    (
        "an image without a valid name",
        pod("Pending", waiting("prepare", "InvalidImageName", "couldn't parse image name")),
        ("ImageUnavailable", "couldn't parse image name"),
    ),
    (
        "an image that must be on the node and is not",
        pod("Pending", waiting("prepare", "ErrImageNeverPull", "not present with pull policy")),
        ("ImageUnavailable", "not present with pull policy"),
    ),
    (
        "a Secret that is not there",
        pod("Pending", waiting("prepare", "CreateContainerConfigError", 'secret "keys" not found')),
        ("SecretNotFound", 'secret "keys" not found', "namespace delays", "AWS_SECRET_ACCESS_KEY"),
    ),
    (
        "a Secret without the key",
        pod(
            "Pending",
            waiting(
                "publish",
                "CreateContainerConfigError",
                "couldn't find key AWS_ACCESS_KEY_ID in Secret delays/keys",
            ),
        ),
        ("SecretNotFound", "couldn't find key AWS_ACCESS_KEY_ID"),
    ),
    (
        "an image that insists on root",
        pod(
            "Pending",
            waiting(
                "work",
                "CreateContainerConfigError",
                "container has runAsNonRoot and image will run as root",
            ),
        ),
        ("PodRefused", "container work", "image will run as root"),
    ),
    (
        "a claim that is not there",
        unscheduled(
            '0/1 nodes are available: persistentvolumeclaim "exports" not found. not found'
        ),
        ("VolumeNotFound", 'persistentvolumeclaim "exports" not found: create it'),
    ),
    (
        "a cluster without room",
        unscheduled("0/1 nodes are available: 1 Insufficient memory."),
        ("Unschedulable", "1 Insufficient memory", "spec.job.resources"),
    ),
]


@pytest.mark.parametrize(("what", "found", "expected"), BLOCKERS, ids=[row[0] for row in BLOCKERS])
def test_each_hindrance_has_a_reason_and_a_remedy_while_the_job_lives(what, found, expected):
    reason, *parts = expected
    result = blocker(found)
    assert result.reason == reason, what
    for part in parts:
        assert part in result.message


def test_trying_to_pull_and_pausing_say_the_same():
    trying = blocker(pod("Pending", waiting("prepare", "ErrImagePull", PULL)))
    pausing = blocker(pod("Pending", waiting("prepare", "ImagePullBackOff", f"Back-off: {PULL}")))
    assert trying == pausing


REFUSALS = [
    (
        'pods "x-1" is forbidden: exceeded quota: small, requested: requests.memory=512Mi',
        ("QuotaExceeded", "exceeded quota: small", "spec.job.resources"),
    ),
    (
        'pods "x-2" is forbidden: failed quota: small: must specify limits.memory for: work',
        ("QuotaExceeded", "must specify limits.memory"),
    ),
    (
        'pods "x-3" is forbidden: looking up a/trainer: serviceaccount "trainer" not found',
        ("ServiceAccountNotFound", '"trainer" not found', "spec.job.pod.serviceAccountName"),
    ),
    (
        'pods "x-4" is forbidden: violates PodSecurity "restricted:latest": hostPath',
        ("PodRefused", "violates PodSecurity"),
    ),
    (
        'admission webhook "policy.example.com" denied the request: no team label',
        ("PodRefused", "no team label"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), REFUSALS, ids=[row[1][1] for row in REFUSALS])
def test_a_job_without_a_pod_is_explained_by_its_events(text, expected):
    reason, *parts = expected
    result = refusal(refused(text))
    assert result.reason == reason
    for part in parts:
        assert part in result.message


def test_what_others_use_of_a_quota_is_left_out_because_it_always_changes():
    text = (
        'pods "x-1" is forbidden: exceeded quota: q, requested: pods=1, used: {}, limited: pods=1'
    )
    assert refusal(refused(text.format("pods=1"))) == refusal(refused(text.format("pods=2")))
    assert "requested: pods=1, limited: pods=1" in refusal(refused(text.format("pods=1"))).message


def test_the_random_name_of_a_refused_pod_is_left_out():
    first = refusal(refused('pods "x-1" is forbidden: exceeded quota: q'))
    again = refusal(refused('pods "x-2" is forbidden: exceeded quota: q'))
    assert first == again


def test_the_newest_refusal_counts_and_other_events_do_not():
    created = {"reason": "SuccessfulCreate", "metadata": {}, "lastTimestamp": "2099"}
    old, new = refused("exceeded quota: a", after=1), refused("violates PodSecurity", after=9)
    assert refusal(new, old, created).reason == "PodRefused"


def test_a_job_that_nobody_refused_has_no_blocker():
    assert refusal() is None
    assert blocker(pod("Running")) is None
    assert blocker(pod("Pending", waiting("prepare", "ContainerCreating"))) is None
