import pytest

from perennial.cluster import errors


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        (404, {}, errors.NotFound),
        (409, {"reason": "AlreadyExists"}, errors.AlreadyExists),
        (409, {"reason": "Conflict"}, errors.Conflict),
        (410, {"reason": "Expired"}, errors.Expired),
        (400, {}, errors.Invalid),
        (422, {}, errors.Invalid),
        (401, {}, errors.Transient),
        (500, {"message": "etcd is away"}, errors.Transient),
        (503, {}, errors.Transient),
        (500, {"message": ".status.x: field not declared in schema"}, errors.SchemaOutdated),
        (403, {"message": "RBAC says no"}, errors.Forbidden),
        (403, {"message": "pods is forbidden: exceeded quota: q"}, errors.QuotaExceeded),
        (
            403,
            {"details": {"causes": [{"reason": "NamespaceTerminating"}]}},
            errors.NamespaceTerminating,
        ),
        (418, {}, errors.Invalid),
    ],
)
def test_an_answer_stands_for_one_error(code, status, expected):
    assert type(errors.from_answer(code, status)) is expected


def test_too_many_requests_carries_how_long_to_wait():
    error = errors.from_answer(429, {"message": "slow down"}, retry_after=7.0)
    assert isinstance(error, errors.Transient)
    assert error.retry_after == 7.0
    assert str(error) == "slow down"


def test_an_error_without_a_message_still_says_something():
    assert str(errors.from_answer(502, {})) == "HTTP 502"
