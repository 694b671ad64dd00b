"""Errors of S3 and its client, as failures with a remedy."""

from typing import Final

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
)

from perennial.api.reasons import JobReason
from perennial.artifacts.errors import ArtifactError
from perennial.artifacts.store import StoreLocation

_DENIED: Final = {
    "403",
    "AccessDenied",
    "AllAccessDisabled",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
}
_OTHER_REGION: Final = {"AuthorizationHeaderMalformed", "PermanentRedirect", "301", "400"}
_NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)


def code_of(error: ClientError) -> str:
    """Return the S3 error code of a response."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def explained(error: Exception, location: StoreLocation, key: str) -> ArtifactError:
    """Return the failure of a call, with its remedy."""
    if isinstance(error, _NO_CREDENTIALS):
        return _denied(location, "there are no credentials")
    if not isinstance(error, ClientError):
        return _unavailable(location, type(error).__name__)
    code = code_of(error)
    if code in _DENIED:
        return _denied(location, f"the store answered {code} for {key or 'the bucket'}")
    if missing := _missing(code, location, key):
        return ArtifactError(JobReason.SOURCE_NOT_FOUND, missing)
    if code in _OTHER_REGION:
        code = f"{code}; is {location.region} the region of bucket {location.bucket}?"
    return _unavailable(location, code)


def _missing(code: str, location: StoreLocation, key: str) -> str | None:
    if code == "NoSuchBucket":
        return (
            f"bucket {location.bucket} does not exist at {_place(location)}: create it, or "
            "correct the store in the operator's configuration"
        )
    if code in ("404", "NoSuchKey"):
        return f"bucket {location.bucket} holds no object {key}: upload it, or correct the path"
    return None


def _denied(location: StoreLocation, why: str) -> ArtifactError:
    return ArtifactError(
        JobReason.STORE_ACCESS_DENIED,
        f"bucket {location.bucket} at {_place(location)} cannot be opened: {why}; check the keys "
        "in the store's Secret, or what the pod's service account may do",
    )


def _unavailable(location: StoreLocation, why: str) -> ArtifactError:
    return ArtifactError(
        JobReason.STORE_UNAVAILABLE,
        f"the object store at {_place(location)} does not answer as it should ({why}); "
        "check the endpoint in the operator's configuration and the network",
    )


def _place(location: StoreLocation) -> str:
    return location.endpoint or f"region {location.region}"
