import pytest
from kubernetes.aio.client.configuration import Configuration as Connection

from doubles.operator_parts import TwoChildren
from perennial.api.configuration import Configuration, Images, Lease, Pauses, Store
from perennial.cluster.errors import FencedError, TransientError
from perennial.controller.health import Stage
from perennial.controller.parts import assemble


def parts(*, leases: bool):
    configuration = Configuration(
        stores={"default": Store(bucket="models")},
        images=Images(training="job:1", server="server:1", server_sklearn="sklearn:1"),
        lease=Lease(enabled=leases),
        pauses=Pauses(resync="5m"),
    )
    connection = Connection(host="http://127.0.0.1:9")
    return assemble(
        configuration,
        connection,
        lambda _configuration, cache, _clients: [TwoChildren(cache=cache)],
    )


async def test_a_standby_can_write_nothing():
    standby = parts(leases=True)
    assert standby.health.stage is Stage.STANDBY
    with pytest.raises(FencedError):
        await standby.cluster.delete("Job", "delays", "flights-job", "u1")
    await standby.close()


async def test_a_single_replica_needs_no_lease():
    single = parts(leases=False)
    assert single.elector is None
    with pytest.raises(TransientError):  # nobody listens there, but it was sent
        await single.cluster.delete("Job", "delays", "flights-job", "u1")
    await single.close()


async def test_the_resync_period_comes_from_the_configuration():
    assert parts(leases=False).resync.period == 300.0
