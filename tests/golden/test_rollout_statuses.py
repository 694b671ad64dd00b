"""What a ModelDeployment says at every step of a canary, a switch and a return."""

from dataclasses import replace

from builders.model_deployment import (
    CRASH,
    NOON,
    WITH_PROMETHEUS,
    acted,
    blue_green,
    canary,
    later,
    proven,
    respecified,
    revision,
    serving,
    settled,
    version,
    with_pods,
    with_version,
)
from builders.rollout_evidence import answered, gates
from builders.rollout_moments import manifest
from harness.agreement import disagreements
from harness.kstatus import kstatus
from perennial.api.model import ModelStatus
from perennial.api.rollout import RolloutStep
from perennial.planning.pod.blocker import Blocker

LEADING = ("Stalled", "Degraded", "Reconciling", "Ready")


class Life:
    """A ModelDeployment with a route or without, and a line for each of its states."""

    def __init__(self, begin):
        self.now = begin
        self.lines = []

    def then(self, what, *changes):
        """Let something happen, carry out the plan, and write down what the status says."""
        for change in changes:
            self.now = change(self.now)
        self.now = acted(self.now)
        assert disagreements(manifest(self.now)) == []
        self.lines.append(f"{what:<26}  {line(self.now)}")
        return self

    @property
    def story(self):
        return "\n".join(self.lines)


def line(observed):
    status = observed.status
    stated = {each.type: each for each in status.conditions}
    leading = next(stated[kind] for kind in LEADING if kind in stated)
    roles = " ".join(map(short, (status.stable, status.candidate)))
    pods = "+".join(str(running.wanted) for running in observed.running.values())
    available = "yes" if stated["Available"].status == "True" else "no "
    return (
        f"{verdict(status):<10}  {available}  {roles}  {pods:<5}  {leading.type} {leading.reason}"
    )


def short(of):
    return f"{of.version[-2:]} {of.weight:>3}" if of else " -   -"


def verdict(status):
    written = status.model_dump(mode="json", by_alias=True, exclude_none=True)
    return kstatus({"metadata": {"generation": status.observed_generation}, "status": written})


def nothing(observed):
    return observed


def arrives(number):
    return lambda observed: with_version(observed, version(number))


def ready(number, count):
    return lambda observed: with_pods(observed, revision(number), count)


def crashing(number):
    return lambda observed: with_pods(observed, revision(number), 0, CRASH)


def evicted(number):
    cause = Blocker("Evicted", "the node ran out of memory", NOON)
    return lambda observed: with_pods(observed, revision(number), 0, cause)


def says_of_gates(**outcomes):
    """Let the evidence answer: these gates with these outcomes, the others have passed."""
    return lambda observed: answered(observed, *gates(**outcomes))


def after(minutes):
    return lambda observed: later(observed, minutes=minutes)


def pinned(number):
    return lambda observed: respecified(
        observed,
        observed.spec.model_copy(
            update={
                "model": observed.spec.model.model_copy(update={"version": version(number).name})
            }
        ),
    )


def preferred(number):
    return lambda observed: replace(
        observed, model=ModelStatus(current_version=version(number).name)
    )


def test_a_canary_through_a_gateway():
    life = (
        Life(serving(canary(25, 50)))
        .then("version 2 is pinned", arrives(2), pinned(2))
        .then("its pod is ready", ready(2, 1))
        .then("the Gateway lags", nothing)
        .then("the Gateway has 25 %", proven)
        .then("ten minutes later", after(10))
        .then("a second pod is ready", ready(2, 2))
        .then("the Gateway has 50 %", proven)
        .then("ten minutes later", after(10))
        .then("all pods are ready", ready(2, 4))
        .then("the Gateway has 100 %", proven)
        .then("the old pods drain", after(1))
        .then("silence", after(60))
    )
    assert life.story == CANARY


CANARY = """\
version 2 is pinned         InProgress  yes  v1 100 v2   0  4+1    Reconciling Starting
its pod is ready            InProgress  yes  v1  75 v2  25  4+1    Reconciling Shifting
the Gateway lags            InProgress  yes  v1  75 v2  25  4+1    Reconciling Shifting
the Gateway has 25 %        InProgress  yes  v1  75 v2  25  4+1    Reconciling Pausing
ten minutes later           InProgress  yes  v1  75 v2  25  4+2    Reconciling Starting
a second pod is ready       InProgress  yes  v1  50 v2  50  4+2    Reconciling Shifting
the Gateway has 50 %        InProgress  yes  v1  50 v2  50  4+2    Reconciling Pausing
ten minutes later           InProgress  yes  v1  50 v2  50  4+4    Reconciling Starting
all pods are ready          InProgress  yes  v1   0 v2 100  4+4    Reconciling Shifting
the Gateway has 100 %       Current     yes  v2 100  -   -  4+4    Ready Serving
the old pods drain          Current     yes  v2 100  -   -  0+4    Ready Serving
silence                     Current     yes  v2 100  -   -  0+4    Ready Serving"""


def test_a_canary_that_replicas_express():
    life = (
        Life(serving(canary(20, 50, route=None)))
        .then("version 2 arrives", arrives(2))
        .then("its pod is ready", ready(2, 1))
        .then("the Service is written", nothing)
        .then("ten minutes later", after(10))
        .then("four pods are ready", ready(2, 4))
        .then("the Service is written", nothing)
        .then("ten minutes later", after(10))
        .then("the old pods drain", after(1))
    )
    assert life.story == SHARED


SHARED = """\
version 2 arrives           Current     yes  v1 100 v2   0  4+1    Ready Serving
its pod is ready            Current     yes  v1  80 v2  20  4+1    Ready Serving
the Service is written      Current     yes  v1  80 v2  20  4+1    Ready Serving
ten minutes later           Current     yes  v1  80 v2  20  4+4    Ready Serving
four pods are ready         Current     yes  v1  50 v2  50  4+4    Ready Serving
the Service is written      Current     yes  v1  50 v2  50  4+4    Ready Serving
ten minutes later           Current     yes  v2 100  -   -  4+4    Ready Serving
the old pods drain          Current     yes  v2 100  -   -  0+4    Ready Serving"""


def test_a_switch_from_blue_to_green():
    life = (
        Life(serving(blue_green()))
        .then("version 2 arrives", arrives(2))
        .then("three pods are ready", ready(2, 3))
        .then("all pods are ready", ready(2, 4))
        .then("the Gateway has 100 %", proven)
        .then("the old pods drain", after(1))
    )
    assert life.story == SWITCHED


SWITCHED = """\
version 2 arrives           Current     yes  v1 100 v2   0  4+4    Ready Serving
three pods are ready        Current     yes  v1 100 v2   0  4+4    Ready Serving
all pods are ready          Current     yes  v1   0 v2 100  4+4    Ready Serving
the Gateway has 100 %       Current     yes  v2 100  -   -  4+4    Ready Serving
the old pods drain          Current     yes  v2 100  -   -  0+4    Ready Serving"""


def test_a_return_by_a_revert_in_git():
    switched = settled(later(settled(with_version(serving(canary(25, 50)), version(2))), hours=1))
    switched = settled(later(switched, hours=1))
    life = (
        Life(later(settled(later(switched, hours=1)), hours=1))
        .then("version 1 is pinned", pinned(1))
        .then("two pods are ready", ready(1, 2))
        .then("the Gateway has 55 %", proven)
        .then("all pods are ready", ready(1, 4))
        .then("the Gateway has 100 %", proven)
        .then("the new pods drain", after(1))
    )
    assert life.story == RETURNED


RETURNED = """\
version 1 is pinned         InProgress  yes  v2 100 v1   0  4+4    Reconciling Starting
two pods are ready          InProgress  yes  v2  45 v1  55  4+4    Reconciling Starting
the Gateway has 55 %        InProgress  yes  v2  45 v1  55  4+4    Reconciling Starting
all pods are ready          InProgress  yes  v2   0 v1 100  4+4    Reconciling Shifting
the Gateway has 100 %       Current     yes  v1 100  -   -  4+4    Ready Serving
the new pods drain          Current     yes  v1 100  -   -  4+0    Ready Serving"""


def test_a_version_that_is_superseded_with_a_quarter_of_the_traffic():
    life = (
        Life(serving(canary(25, 50)))
        .then("version 2 arrives", arrives(2))
        .then("its pod is ready", ready(2, 1))
        .then("the Gateway has 25 %", proven)
        .then("version 3 arrives", arrives(3))
        .then("its pod is ready", ready(3, 1))
        .then("the Gateway has both", proven)
        .then("fifteen seconds later", after(1))
    )
    assert life.story == SUPERSEDED


SUPERSEDED = """\
version 2 arrives           Current     yes  v1 100 v2   0  4+1    Ready Serving
its pod is ready            Current     yes  v1  75 v2  25  4+1    Ready Serving
the Gateway has 25 %        Current     yes  v1  75 v2  25  4+1    Ready Serving
version 3 arrives           Current     yes  v1 100 v3   0  4+1+1  Ready Serving
its pod is ready            Current     yes  v1  75 v3  25  4+1+1  Ready Serving
the Gateway has both        Current     yes  v1  75 v3  25  4+1+1  Ready Serving
fifteen seconds later       Current     yes  v1  75 v3  25  4+1    Ready Serving"""


def test_a_candidate_that_loses_its_pods_and_heals():
    life = (
        Life(serving(canary(25, 50)))
        .then("version 2 arrives", arrives(2))
        .then("its pod is ready", ready(2, 1))
        .then("the Gateway has 25 %", proven)
        .then("its pod is evicted", evicted(2))
        .then("it is back", ready(2, 1))
        .then("the Gateway has 25 %", proven)
        .then("all stable pods crash", crashing(1))
        .then("they are back", ready(1, 4))
    )
    assert life.story == LOST


LOST = """\
version 2 arrives           Current     yes  v1 100 v2   0  4+1    Ready Serving
its pod is ready            Current     yes  v1  75 v2  25  4+1    Ready Serving
the Gateway has 25 %        Current     yes  v1  75 v2  25  4+1    Ready Serving
its pod is evicted          Current     yes  v1 100 v2   0  4+1    Degraded Evicted
it is back                  Current     yes  v1  75 v2  25  4+1    Ready Serving
the Gateway has 25 %        Current     yes  v1  75 v2  25  4+1    Ready Serving
all stable pods crash       InProgress  yes  v1   0 v2 100  4+1    Ready ServerCrashing
they are back               Current     yes  v1  75 v2  25  4+1    Ready Serving"""


def judged_canary():
    unpaused = tuple(RolloutStep(weight=weight) for weight in (25, 50))
    return serving(canary(steps=unpaused), configuration=WITH_PROMETHEUS)


def test_a_canary_that_is_judged_by_gates():
    life = (
        Life(judged_canary())
        .then("version 2 is pinned", arrives(2), pinned(2))
        .then("its pod is ready", ready(2, 1))
        .then("the Gateway has 25 %", proven)
        .then("stable's history is read", says_of_gates())
        .then("not enough evidence", says_of_gates(errors="Inconclusive"))
        .then("all gates have passed", says_of_gates())
        .then("a second pod is ready", ready(2, 2))
        .then("the Gateway has 50 %", proven)
        .then("no data for two minutes", after(2), says_of_gates(errors="NoData"))
        .then("all gates have passed", says_of_gates())
        .then("all pods are ready", ready(2, 4))
        .then("the Gateway has 100 %", proven)
    )
    assert life.story == JUDGED


JUDGED = """\
version 2 is pinned         InProgress  yes  v1 100 v2   0  4+1    Reconciling Starting
its pod is ready            InProgress  yes  v1  75 v2  25  4+1    Reconciling Shifting
the Gateway has 25 %        InProgress  yes  v1  75 v2  25  4+1    Reconciling Analyzing
stable's history is read    InProgress  yes  v1  75 v2  25  4+1    Reconciling Analyzing
not enough evidence         InProgress  yes  v1  75 v2  25  4+1    Reconciling Analyzing
all gates have passed       InProgress  yes  v1  75 v2  25  4+2    Reconciling Starting
a second pod is ready       InProgress  yes  v1  50 v2  50  4+2    Reconciling Shifting
the Gateway has 50 %        InProgress  yes  v1  50 v2  50  4+2    Reconciling Analyzing
no data for two minutes     InProgress  yes  v1  50 v2  50  4+2    Reconciling NoData
all gates have passed       InProgress  yes  v1  50 v2  50  4+4    Reconciling Starting
all pods are ready          InProgress  yes  v1   0 v2 100  4+4    Reconciling Shifting
the Gateway has 100 %       Current     yes  v2 100  -   -  4+4    Ready Serving"""


def test_a_candidate_that_a_gate_rejects():
    life = (
        Life(judged_canary())
        .then("version 2 is pinned", arrives(2), pinned(2))
        .then("its pod is ready", ready(2, 1))
        .then("the Gateway has 25 %", proven)
        .then("stable's history is read", says_of_gates())
        .then("a gate has failed", says_of_gates(errors="Failed"))
        .then("the traffic moves", nothing)
        .then("the Gateway has 100 %", proven)
        .then("the pod is gone", after(1))
        .then("version 3 is pinned", arrives(3), pinned(3))
    )
    assert life.story == REJECTED


REJECTED = """\
version 2 is pinned         InProgress  yes  v1 100 v2   0  4+1    Reconciling Starting
its pod is ready            InProgress  yes  v1  75 v2  25  4+1    Reconciling Shifting
the Gateway has 25 %        InProgress  yes  v1  75 v2  25  4+1    Reconciling Analyzing
stable's history is read    InProgress  yes  v1  75 v2  25  4+1    Reconciling Analyzing
a gate has failed           InProgress  yes  v1  75 v2  25  4+1    Reconciling GateFailed
the traffic moves           Failed      yes  v1 100  -   -  4+1    Stalled KnownBad
the Gateway has 100 %       Failed      yes  v1 100  -   -  4+1    Stalled KnownBad
the pod is gone             Failed      yes  v1 100  -   -  4      Stalled KnownBad
version 3 is pinned         InProgress  yes  v1 100 v3   0  4+1    Reconciling Starting"""


def test_a_gateway_that_is_cut_off():
    life = (
        Life(serving(canary(25, 50)))
        .then("version 2 is pinned", arrives(2), pinned(2))
        .then("its pod is ready", ready(2, 1))
        .then("eleven minutes later", after(11))
        .then("it is connected again", proven)
    )
    assert life.story == CUT_OFF


CUT_OFF = """\
version 2 is pinned         InProgress  yes  v1 100 v2   0  4+1    Reconciling Starting
its pod is ready            InProgress  yes  v1  75 v2  25  4+1    Reconciling Shifting
eleven minutes later        Failed      yes  v1  75 v2  25  4+1    Stalled ProgressDeadlineExceeded
it is connected again       InProgress  yes  v1  75 v2  25  4+1    Reconciling Pausing"""


def test_steps_that_replicas_cannot_express():
    life = (
        Life(serving())
        .then("a canary of 5 %", lambda seen: respecified(seen, canary(5, replicas=2, route=None)))
        .then("version 2 arrives", arrives(2))
        .then("a canary of 33 %", lambda s: respecified(s, canary(33, replicas=2, route=None)))
    )
    assert life.story == REFUSED


REFUSED = """\
a canary of 5 %             Failed      yes  v1 100  -   -  2      Stalled Unsupported
version 2 arrives           Failed      yes  v1 100  -   -  2      Stalled Unsupported
a canary of 33 %            InProgress  yes  v1 100 v2   0  2+1    Reconciling Starting"""
