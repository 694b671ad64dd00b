"""What a ModelDeployment says at every step of its life, and how kstatus reads it."""

from dataclasses import replace

from builders.model_deployment import (
    CRASH,
    acted,
    later,
    new,
    respecified,
    revision,
    serving,
    spec,
    version,
    with_pods,
    with_version,
)
from builders.rollout_moments import manifest
from harness.agreement import disagreements
from harness.kstatus import kstatus
from perennial.api.model_deployment import Server
from perennial.api.pod import Resources

BIGGER = Server(resources=Resources(requests={"cpu": "1"}))


class Life:
    """A ModelDeployment, and a line for each of its states."""

    def __init__(self, begin):
        self.now = begin
        self.lines = []

    def then(self, what, change):
        """Let something happen, carry out the plan, and write down what the status says."""
        self.now = acted(change(self.now))
        assert disagreements(manifest(self.now)) == []
        self.lines.append(f"{what:<24}  {line(self.now.status)}")
        return self

    @property
    def story(self):
        return "\n".join(self.lines)


def line(status):
    stated = {each.type: each for each in status.conditions}
    ready, available = stated["Ready"].status == "True", stated["Available"].status == "True"
    leading = next(stated[kind] for kind in LEADING if kind in stated)
    return (
        f"{verdict(status):<10}  {yes(ready)} {yes(available)}  "
        f"{short(status.stable)} {short(status.candidate)}  {leading.type} {leading.reason}"
    )


LEADING = ("Stalled", "Degraded", "Reconciling", "Ready")


def yes(truth):
    return "yes" if truth else "no "


def short(revision):
    return revision.version[-2:] if revision else " -"


def verdict(status):
    written = status.model_dump(mode="json", by_alias=True, exclude_none=True)
    return kstatus({"metadata": {"generation": status.observed_generation}, "status": written})


def nothing(observed):
    return observed


def ready(of, count=2):
    return lambda observed: with_pods(observed, of, count)


def crashing(of):
    return lambda observed: with_pods(observed, of, 0, CRASH)


def changed(**fields):
    return lambda observed: respecified(observed, spec(**fields))


def after(minutes):
    return lambda observed: later(observed, minutes=minutes)


def test_the_first_deployment():
    life = (
        Life(replace(new(), model=None, versions=()))
        .then("no model yet", nothing)
        .then("a model without version", lambda seen: replace(seen, model=new().model))
        .then("version 1 is ready", lambda seen: replace(seen, versions=(version(1),)))
        .then("its pods start", ready(revision(1), 0))
        .then("one pod is ready", ready(revision(1), 1))
        .then("the address answers", lambda seen: replace(seen, answers=True))
        .then("both pods are ready", ready(revision(1)))
        .then("silence", after(60))
    )
    assert life.story == FIRST


FIRST = """\
no model yet              InProgress  no  no    -  -  Reconciling ModelNotFound
a model without version   InProgress  no  no    -  -  Reconciling NoVersion
version 1 is ready        InProgress  no  no    - v1  Reconciling Starting
its pods start            InProgress  no  no    - v1  Reconciling Starting
one pod is ready          InProgress  no  no   v1  -  Reconciling Shifting
the address answers       InProgress  no  yes  v1  -  Reconciling Scaling
both pods are ready       Current     yes yes  v1  -  Ready Serving
silence                   Current     yes yes  v1  -  Ready Serving"""


def test_a_new_version_that_works():
    life = (
        Life(serving())
        .then("version 2 arrives", lambda seen: with_version(seen, version(2)))
        .then("one pod is ready", ready(revision(2), 1))
        .then("both pods are ready", ready(revision(2)))
        .then("the old pods drain", after(1))
    )
    assert life.story == NEWER


NEWER = """\
version 2 arrives         Current     yes yes  v1 v2  Ready Serving
one pod is ready          Current     yes yes  v1 v2  Ready Serving
both pods are ready       Current     yes yes  v2  -  Ready Serving
the old pods drain        Current     yes yes  v2  -  Ready Serving"""


def test_a_new_version_that_crashes():
    life = (
        Life(serving())
        .then("version 2 arrives", lambda seen: with_version(seen, version(2)))
        .then("it crashes", crashing(revision(2)))
        .then("the deadline passes", after(11))
        .then("version 3 arrives", lambda seen: with_version(seen, version(3)))
        .then("it is ready", ready(revision(3)))
    )
    assert life.story == CRASHING


CRASHING = """\
version 2 arrives         Current     yes yes  v1 v2  Ready Serving
it crashes                Current     yes yes  v1 v2  Degraded ServerCrashing
the deadline passes       Current     yes yes  v1 v2  Degraded ProgressDeadlineExceeded
version 3 arrives         Current     yes yes  v1 v3  Ready Serving
it is ready               Current     yes yes  v3  -  Ready Serving"""


def test_a_change_of_the_spec_that_crashes_and_is_mended():
    bigger = revision(1, BIGGER)
    life = (
        Life(serving())
        .then("more cpu is requested", changed(server=BIGGER))
        .then("it crashes", crashing(bigger))
        .then("the deadline passes", after(11))
        .then("the cause is cured", ready(bigger))
    )
    assert life.story == MENDED


MENDED = """\
more cpu is requested     InProgress  no  yes  v1 v1  Reconciling Starting
it crashes                InProgress  no  yes  v1 v1  Reconciling ServerCrashing
the deadline passes       Failed      no  yes  v1 v1  Stalled ProgressDeadlineExceeded
the cause is cured        Current     yes yes  v1  -  Ready Serving"""


def test_scaling_pausing_and_losing_pods():
    life = (
        Life(serving())
        .then("scaled up", changed(replicas=3))
        .then("three pods are ready", ready(revision(1), 3))
        .then("one pod crashes", ready(revision(1), 2))
        .then("all pods crash", crashing(revision(1)))
        .then("for too long", after(11))
        .then("they are back", ready(revision(1), 3))
        .then("paused", changed(replicas=3, paused=True))
        .then("version 2 arrives", lambda seen: with_version(seen, version(2)))
        .then("resumed", changed(replicas=3))
        .then("version 2 is ready", ready(revision(2), 3))
        .then("scaled to zero", changed(replicas=0))
    )
    assert life.story == SCALED


SCALED = """\
scaled up                 InProgress  no  yes  v1  -  Reconciling Scaling
three pods are ready      Current     yes yes  v1  -  Ready Serving
one pod crashes           Current     yes yes  v1  -  Degraded ServerNotReady
all pods crash            InProgress  no  no   v1  -  Degraded ServerCrashing
for too long              Failed      no  no   v1  -  Stalled ProgressDeadlineExceeded
they are back             Current     yes yes  v1  -  Ready Serving
paused                    Current     yes yes  v1  -  Ready Serving
version 2 arrives         Current     yes yes  v1  -  Ready Serving
resumed                   InProgress  no  yes  v1 v2  Reconciling Starting
version 2 is ready        Current     yes yes  v2  -  Ready Serving
scaled to zero            Current     yes no   v2  -  Ready ScaledToZero"""
