"""The five steps that every kind goes through: look, observe, plan, act, record."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from pydantic import ValidationError

from perennial.api.conditions import Findings
from perennial.api.manifest import Manifest
from perennial.api.schema import Status
from perennial.cluster.cache import Key, Store
from perennial.cluster.client import Cluster
from perennial.cluster.execute import Executor, owned
from perennial.planning.plan import Apply, Create, Plan
from perennial.reconcile.errors import with_findings

L = TypeVar("L")
O = TypeVar("O")  # noqa: E741 - Observed
S = TypeVar("S", bound=Status)

_LIMITED: Final = "Job"
"""The kind whose objects in a namespace are counted before another one is made."""


class Reconciler(Protocol[L, O, S]):
    """What differs between kinds: how to observe one, and what to do about it."""

    kind: str

    def references(self, manifest: Manifest) -> tuple[Key, ...]:
        """Return the other objects whose change concerns this one; the spec may be invalid."""

    async def look(self, manifest: Manifest, store: Store, cluster: Cluster) -> L:
        """Ask the cluster what no watch tells; hardly ever anything."""

    def observe(self, manifest: Manifest, store: Store, looked: L, now: datetime) -> O:
        """Gather everything the plan may depend on."""

    def plan(self, observed: O) -> Plan[S]:
        """Decide; pure."""


AnyReconciler = Reconciler[Any, Any, Any]


class Loop:
    """Brings one object after the other a step nearer to its spec."""

    def __init__(
        self,
        reconcilers: Mapping[str, AnyReconciler],
        store: Store,
        cluster: Cluster,
        executor: Executor,
        now: Callable[[], datetime],
    ) -> None:
        self._reconcilers = reconcilers
        self._store = store
        self._cluster = cluster
        self._executor = executor
        self._now = now

    async def reconcile(self, key: Key) -> timedelta | None:
        """Do the next step for one object; return when to look again without being told.

        A crash between two lines is harmless: actions are idempotent, the status is written last.
        """
        reconciler = self._reconcilers[key.kind]
        found = self._living(key)
        if found is None:
            return None
        looked = await reconciler.look(found, self._store, self._cluster)
        manifest = self._living(key)
        if manifest is None:
            return None
        plan = self._plan(reconciler, manifest, looked)
        await self._act(plan, manifest)
        status = plan.status.model_dump(mode="json", by_alias=True, exclude_none=True)
        await self._executor.record(manifest, status)
        return plan.requeue_after

    async def say(self, key: Key, findings: Findings) -> None:
        """Write conditions about an object that could not be acted on."""
        manifest = self._living(key)
        if manifest is not None:
            status = with_findings(manifest, findings, self._now())
            await self._executor.record(manifest, status)

    def _living(self, key: Key) -> Manifest | None:
        manifest = self._store.get(key)
        if manifest is None or manifest["metadata"].get("deletionTimestamp"):
            return None
        return manifest

    def _plan(self, reconciler: AnyReconciler, manifest: Manifest, looked: object) -> Plan[Any]:
        now = self._now()
        try:
            observed = reconciler.observe(manifest, self._store, looked, now)
        except ValidationError:
            # A status from elsewhere, as after a restore, must not stand in the way of the spec.
            bare = {name: part for name, part in manifest.items() if name != "status"}
            observed = reconciler.observe(bare, self._store, looked, now)
        return reconciler.plan(observed)

    async def _act(self, plan: Plan[Any], owner: Manifest) -> None:
        expected = self._expect(plan, owner)
        try:
            for action in plan.actions:
                await self._executor.act(action, owner)
        finally:
            for child in expected:
                self._store.disappoint(child)

    def _expect(self, plan: Plan[Any], owner: Manifest) -> list[Manifest]:
        """Reserve what is limited, in the same breath as the plan that found room for it."""
        children = [
            owned(action.manifest, owner)
            for action in plan.actions
            if isinstance(action, Apply | Create) and action.manifest["kind"] == _LIMITED
        ]
        for child in children:
            self._store.expect(child)
        return children
