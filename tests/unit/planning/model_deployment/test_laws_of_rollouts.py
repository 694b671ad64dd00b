"""Whatever happens to a rollout, in whatever order: what must hold all the same."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run

from builders.model_deployment import ROUTE, blue_green, canary, spec
from doubles.rollout_life import NAMESPACE, RolloutLife
from perennial.api.names import REVISION
from perennial.api.rollout import RolloutStep, Watch
from perennial.cluster.cache import Key
from perennial.planning.model_deployment.gates.evaluate import GATES

FEW, MANY = 120, 20_000
NUMBERS = st.sampled_from((1, 2, 3))
THEN = st.sampled_from(["", "lost", "newer", "failed"])
VERDICTS = ["Promote", "Abort", "Retry", "Override", "Rollback", "Pause", "Resume"]
OUTCOMES = st.sampled_from(["Failed", "Inconclusive", "NoData", "TooFewSamples"])
SPECS = {
    "canary": canary(25, 50),
    "long canary": canary(10, 25, 50),
    "shared canary": canary(20, 33, route=None),
    "blue and green": blue_green(),
    "blue and green without a route": blue_green(route=None),
    "immediate": spec(4, route=ROUTE, strategy="Immediate"),
    "judged": canary(steps=(RolloutStep(weight=25), RolloutStep(weight=50))),
    "judged without a route": spec(4),
    "watched": canary(25, watch=Watch(duration="10m")),
    "held back": canary(25, watch=Watch(duration="10m", holdback_percent=10)),
    "watched switch without a route": blue_green(route=None, watch=Watch(duration="10m")),
    "no former revisions": canary(25, 50, keep=0),
    "paused": canary(25, 50, paused=True),
    "a pinned version": canary(25, 50, wanted="flight-delay-v1"),
}


class Rollouts(RuleBasedStateMachine):
    """A namespace in which people, pods, a Gateway and the operator take turns."""

    @initialize(kind=st.sampled_from(sorted(SPECS)), steps=st.integers(0, 3), then=THEN)
    def begin(self, kind, steps=0, then=""):
        self.life = RolloutLife(SPECS[kind])
        self.life.version(1)
        self.ever_rejected, self.lifted = set(), set()
        self.is_behind = False  # whether the last look's status was lost
        self.settle()
        if steps:
            self.a_rollout_reaches_a_step(2, steps, then)

    # People

    @rule(kind=st.sampled_from(sorted(SPECS)))
    def another_spec(self, kind):
        replicas = self.spec().get("replicas", 2)
        self.life.apply(SPECS[kind].model_copy(update={"replicas": replicas}))

    @rule(kind=st.sampled_from(sorted(SPECS)), replicas=st.sampled_from([0, 1, 3, 4, 5, 10]))
    def scale(self, kind, replicas):
        self.life.apply(SPECS[kind].model_copy(update={"replicas": replicas}))

    @rule(number=NUMBERS, ready=st.sampled_from([True, True, False]))
    def a_version(self, number, ready):
        self.life.version(number, ready=ready)

    @rule(number=NUMBERS)
    def preferred(self, number):
        self.life.current(number)

    @rule(verdict=st.sampled_from(VERDICTS))
    def a_person_decides(self, verdict):
        self.life.decide(verdict)
        self.look()

    # The cluster

    @rule(number=NUMBERS, ready=st.integers(0, 10))
    def pods_change(self, number, ready):
        self.life.pods(number, ready)

    @rule(number=NUMBERS)
    def all_pods_are_ready(self, number):
        self.life.pods(number, 1000)

    @rule()
    def the_gateway_syncs(self):
        self.life.gateway_syncs()

    @rule(gate=st.sampled_from(GATES), outcome=OUTCOMES)
    def the_evidence_says(self, gate, outcome):
        self.life.outcomes = {gate: outcome}

    @rule(number=NUMBERS, gate=st.sampled_from(("errors", "refusals", "latency")))
    def a_gate_fails_and_the_traffic_goes_back(self, number, gate):
        self.life.apply(SPECS["judged"])
        self.a_rollout_reaches_a_step(number, 1, "")
        candidate = (self.life.status.get("candidate") or {}).get("revision")
        is_overridden = (self.life.status.get("rollout") or {}).get("overridden")
        is_judged = self.life.question is not None and candidate is not None
        if is_overridden or not is_judged or not self.spec().get("replicas", 2):
            return
        self.life.outcomes = {gate: "Failed"}
        for _ in range(3):  # the baseline, the verdict, and the way back
            self.look()
        left = self.life.written() if self.has_route() else self.life.in_rotation()
        assert candidate not in left, "a candidate that failed keeps its traffic"

    @rule()
    def all_gates_pass(self):
        self.life.outcomes = {}

    @rule(seconds=st.sampled_from([1, 3, 20, 700]))
    def time_passes(self, seconds):
        self.life.passes(seconds)

    # The operator

    @rule()
    def the_operator_looks(self):
        self.look()

    @rule(number=NUMBERS, steps=st.integers(1, 3), then=THEN)
    def a_rollout_reaches_a_step(self, number, steps, then):
        self.life.version(number)
        self.life.current(number)
        self.look()
        for step in range(steps):
            self.life.passes(601 if step else 3)
            self.look()
            self.life.pods(number, 1000)
            self.life.passes(3)
            self.look()
            self.life.gateway_syncs()
            self.look()
        if then == "lost":
            self.life.pods(number, 0)
        if then == "failed":
            self.life.outcomes = {"errors": "Failed"}
        if then == "newer":
            newer = number % 3 + 1
            self.life.version(newer)
            self.life.current(newer)
        self.look()

    @rule()
    def the_operator_looks_until_a_pause_is_over(self):
        for _ in range(3):
            self.look()
            self.life.gateway_syncs()
            self.look()
            self.life.passes(601)
            for number in (1, 2, 3):
                self.life.pods(number, 1000)
            self.life.passes(3)

    @rule(actions=st.integers(0, 8))
    def the_operator_crashes(self, actions):
        self.look(crash_after=actions)
        self.life.restart()

    @rule()
    def a_status_write_is_lost(self):
        self.look(crash_after=1000)

    @rule()
    def the_status_is_wiped(self):
        self.life.record({"observedGeneration": -1})

    # Laws

    def spec(self):
        return self.life.manifest["spec"]

    def look(self, crash_after=None):
        life = self.life
        before = {each["metadata"]["name"]: each for each in life.servers()}
        ready = {self.revision(each): life.ready(self.revision(each)) for each in life.servers()}
        rotation, had_route = life.in_rotation(), self.has_route()
        watched = self.watched_against()
        known_bad, weights = self.known_bad(), life.written()
        decided = life.status.get("decisions", ())
        was_behind, self.is_behind = self.is_behind, crash_after is not None
        planned = life.look(crash_after).status
        if crash_after is None:
            self.check_known_bad(known_bad)
        for of in {each.revision for each in planned.rejected} - known_bad:
            # A new route has its own way to begin, and without pods the traffic goes at once.
            if life.ready(of) and had_route == self.has_route() and not was_behind:
                had_traffic = of in weights if had_route else of in rotation
                has_traffic = of in life.written() if had_route else of in life.in_rotation()
                assert has_traffic or not had_traffic, "traffic moved before the verdict"
        self.known_bad()
        if had_route and self.has_route() and not rotation & known_bad:
            self.check_promotion(rotation, life.in_rotation() - watched)
        if crash_after is None:
            if life.status.get("decisions", ()) == decided:  # its effect comes at the next look
                is_rolled_back = self.stable() in known_bad  # a former revision starts from nothing
                self.check_silence(set() if is_rolled_back else weights.keys() - known_bad)
            self.check_selector(planned)
        if self.spec().get("replicas", 2):
            for name, server in before.items():
                of = self.revision(server)
                if planned.stable and planned.stable.revision == of:
                    self.check_stable(name, server, planned.rollout is not None)
                else:
                    self.check_pods(name, server, ready[of])

    def check_selector(self, planned):
        """Where no rollout goes on, the address Service selects the stable revision alone."""
        if planned.stable and not planned.candidate:
            selected = self.life.selector().get(REVISION)
            assert selected == planned.stable.revision, f"the Service selects {selected}"

    def check_promotion(self, before, after):
        """No revision becomes stable before the Gateway gives it all traffic."""
        if len(before) == len(after) == 1 and before != after:
            (stable,) = after
            assert self.life.served().get(stable, 0) >= 90, f"{stable} was promoted unproven"

    def check_pods(self, name, server, ready):
        of = self.revision(server)
        now = {each["metadata"]["name"]: each for each in self.life.servers()}.get(name)
        left = now["spec"]["replicas"] if now else 0
        if left >= server["spec"]["replicas"] or not ready:
            return
        weight = self.life.served().get(of, 0) if self.has_route() else 0
        assert not weight, f"pods of {of} went while the Gateway still gave it {weight} %"
        assert of not in self.life.in_rotation(), f"pods of {of} went in rotation"

    def check_stable(self, name, before, is_untouchable):
        """Check that stable keeps its pods as long as the rollout of another revision goes on."""
        now = self.life.cache.get(Key("Deployment", NAMESPACE, name))
        left = now["spec"]["replicas"] if now else 0
        if is_untouchable:
            assert left >= before["spec"]["replicas"], "stable lost pods before the promotion"

    def known_bad(self):
        """Return every revision whose rejection has been recorded, and lifted by nobody."""
        self.ever_rejected |= {each["revision"] for each in self.life.status.get("rejected", ())}
        for record in self.life.status.get("decisions", ()):
            if record["verdict"] in ("Retry", "Override") and record["uid"] not in self.lifted:
                self.lifted.add(record["uid"])
                self.ever_rejected -= {self.life.revision_of(record["name"])}
        return set(self.ever_rejected)

    def check_known_bad(self, known):
        if self.stable() in known:  # a person rejected it, and a former revision grows
            known = known - {self.stable()}
        weights = self.life.written() if self.has_route() else {}
        assert not known & weights.keys(), f"{known & weights.keys()} got traffic again"
        if self.stable():
            answering = {of for of in self.life.in_rotation() if self.life.ready(of)}
            assert not known & answering, "a rejected revision is in rotation"

    def watched_against(self):
        """Return the former revision of a watch: it takes the traffic back without a proof."""
        is_watching = (self.life.status.get("rollout") or {}).get("stage") == "Watching"
        former = (self.life.status.get("former") or {}).get("revision")
        return {former} if is_watching else set()

    def has_route(self):
        return "route" in self.spec() and self.life.written() != {}

    def stable(self):
        return (self.life.status.get("stable") or {}).get("revision")

    def revision(self, server):
        return server["metadata"]["labels"]["perennial.dev/revision"]

    @invariant()
    def weights_sum_to_100(self):
        weights = self.life.written()
        assert not weights or sum(weights.values()) == 100
        assert all(weight > 0 for weight in weights.values())

    def check_silence(self, had_traffic):
        """Nothing goes to a revision without ready pods, unless nothing is ready."""
        weights = self.life.written() if self.has_route() else {}
        live = {(self.life.status.get(role) or {}).get("revision") for role in ROLES}
        if self.spec().get("replicas", 2):
            live |= had_traffic
        answering = [of for of in live if of and self.life.ready(of)]
        silent = [of for of in weights if not self.life.ready(of)]
        assert not (silent and answering), f"{silent} got traffic while {answering} was ready"

    @rule()
    def it_settles(self):
        self.settle()
        life = self.life
        writes = life.writes
        life.passes(3600)
        self.look()
        assert life.writes == writes, "a settled deployment was written to"
        live = {
            (life.status.get(role) or {}).get("revision") for role in ROLES
        }  # one may be paused
        former = [each for each in life.servers() if self.revision(each) not in live]
        assert all(each["spec"]["replicas"] == 0 for each in former)
        assert len(former) <= SPECS_KEEP

    def settle(self):
        """Let every pod be ready, the Gateway follow and time pass until nothing is written."""
        life = self.life
        life.outcomes = {}
        for _ in range(60):
            self.look()
            for number in (1, 2, 3):
                life.pods(number, 1000)
            life.gateway_syncs()
            life.passes(3)
            self.look()
            life.passes(700)
            if self.is_calm():
                return
        raise AssertionError("it does not settle")

    def is_calm(self):
        self.life.gateway_syncs()
        before = self.life.writes
        self.look()
        return self.life.writes == before


ROLES = ("stable", "candidate")
SPECS_KEEP = 3

# Shrinking thirty steps takes minutes, and the steps of a failure are readable as they are.
_QUICK = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": (Phase.explicit, Phase.reuse, Phase.generate),
}


@pytest.mark.parametrize("dose", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_no_sequence_of_events_breaks_a_law(dose):
    run(Rollouts, settings=settings(max_examples=dose, stateful_step_count=30, **_QUICK))
