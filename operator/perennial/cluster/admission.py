"""Whether the admission policies of Decisions are in force: a forgery must be refused."""

from typing import Final

from perennial.api.manifest import Manifest
from perennial.api.schema import API_VERSION
from perennial.cluster.api import Api
from perennial.cluster.errors import ForbiddenError
from perennial.cluster.resources import RESOURCES

NOT_THE_AUTHOR: Final = "spec.by must be the authenticated user"
"""How the message of the policy about `spec.by` begins."""

_FORGERY: Final[Manifest] = {
    "apiVersion": API_VERSION,
    "kind": "Decision",
    "metadata": {"generateName": "never-stored-"},
    "spec": {
        "subject": {
            "kind": "ModelDeployment",
            "name": "longer-than-the-name-of-any-model-deployment",
            "revision": "0" * 10,
        },
        "verdict": "Promote",
        "by": "another user",
    },
}


class ApiAdmission:
    """Tries a Decision in another user's name, as a dry run; see decision 19."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def is_enforced(self, namespace: str) -> bool:
        """Return whether the policies refuse a forged Decision in this namespace.

        Raises:
            ForbiddenError: Something else refuses it, so nothing is proven.

        """
        path = RESOURCES["Decision"].path(namespace)
        try:
            await self._api.request("POST", path, _FORGERY, query={"dryRun": "All"})
        except ForbiddenError as error:
            if NOT_THE_AUTHOR in str(error):
                return True
            raise
        return False
