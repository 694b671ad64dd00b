import pytest

from perennial.cluster.admission import NOT_THE_AUTHOR, ApiAdmission
from perennial.cluster.errors import ForbiddenError, TransientError

DENIED = (
    "decisions.perennial.dev is forbidden: ValidatingAdmissionPolicy 'perennial-decisions' with "
    f"binding 'perennial-decisions' denied request: {NOT_THE_AUTHOR}, system:serviceaccount:a:b"
)


class Answering:
    """An API server that has one answer."""

    def __init__(self, answer):
        self.answer = answer
        self.sent = []

    async def request(self, *request, **options):
        self.sent.append((*request, options))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_a_forgery_that_is_refused_for_its_author_proves_the_policies():
    api = Answering(ForbiddenError(DENIED))
    assert await ApiAdmission(api).is_enforced("shop")
    ((method, path, forgery, options),) = api.sent
    assert (method, path) == ("POST", "/apis/perennial.dev/v1alpha1/namespaces/shop/decisions")
    assert options == {"query": {"dryRun": "All"}}
    assert len(forgery["spec"]["subject"]["name"]) > 36


async def test_a_forgery_that_is_taken_proves_that_there_are_none():
    assert not await ApiAdmission(Answering({"kind": "Decision"})).is_enforced("shop")


@pytest.mark.parametrize(
    "error",
    [ForbiddenError('User "perennial" cannot create resource "decisions"'), TransientError("503")],
)
async def test_any_other_error_proves_nothing(error):
    with pytest.raises(type(error)):
        await ApiAdmission(Answering(error)).is_enforced("shop")
