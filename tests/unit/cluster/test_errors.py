import pytest

from perennial.cluster import errors


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        (404, {}, errors.NotFoundError),
        (409, {"reason": "AlreadyExists"}, errors.AlreadyExistsError),
        (409, {"reason": "Conflict"}, errors.ConflictError),
        (410, {"reason": "Expired"}, errors.ExpiredError),
        (400, {}, errors.InvalidError),
        (422, {}, errors.InvalidError),
        (401, {}, errors.TransientError),
        (500, {"message": "etcd is away"}, errors.TransientError),
        (503, {}, errors.TransientError),
        (500, {"message": ".status.x: field not declared in schema"}, errors.SchemaOutdatedError),
        (403, {"message": "RBAC says no"}, errors.ForbiddenError),
        (403, {"message": "pods is forbidden: exceeded quota: q"}, errors.QuotaExceededError),
        (
            403,
            {"details": {"causes": [{"reason": "NamespaceTerminating"}]}},
            errors.NamespaceTerminatingError,
        ),
        (418, {}, errors.InvalidError),
    ],
)
def test_each_response_has_its_error(code, status, expected):
    assert type(errors.from_response(code, status)) is expected


def test_too_many_requests_carries_retry_after():
    error = errors.from_response(429, {"message": "slow down"}, retry_after=7.0)
    assert isinstance(error, errors.TransientError)
    assert error.retry_after == 7.0
    assert str(error) == "slow down"


def test_an_error_without_a_message_names_the_status_code():
    assert str(errors.from_response(502, {})) == "HTTP 502"
