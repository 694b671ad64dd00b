"""An object store behind the S3 API."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from perennial.artifacts.manifest import DigestMismatchError
from perennial.artifacts.s3_errors import code_of, explained
from perennial.artifacts.store import StoredObject, StoreLocation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES: Final = 64 << 20
"""Files larger than this are stored in parts of this size; S3 takes at most 10,000 parts."""

_TRANSFER = TransferConfig(max_concurrency=4, multipart_chunksize=8 << 20)
_ABSENT = ("404", "NoSuchKey")
_EXISTS = ("PreconditionFailed", "412", "ConditionalRequestConflict")


def connect(location: StoreLocation) -> "S3Store":
    """Return the store at a location, with the credentials that boto3 finds."""
    config = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 5},
        s3={"addressing_style": "path" if location.endpoint else "auto"},
        # older S3 servers reject the checksums that newer clients add
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    client = boto3.Session().client(
        "s3", endpoint_url=location.endpoint, region_name=location.region, config=config
    )
    return S3Store(client, location)


class S3Store:
    """One bucket behind the S3 API."""

    def __init__(self, client: "S3Client", location: StoreLocation) -> None:
        self._client = client
        self._location = location

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose keys begin with this, in the order of their keys."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._location.bucket, Prefix=prefix
        )
        with self._explained(prefix):
            for page in pages:
                for item in page.get("Contents", []):
                    yield StoredObject(item["Key"], item["Size"])

    def read(self, key: str) -> bytes:
        """Return a small object."""
        with self._explained(key):
            return self._client.get_object(Bucket=self._location.bucket, Key=key)["Body"].read()

    def download(self, key: str, path: Path) -> None:
        """Copy an object of any size into a file."""
        with self._explained(key):
            self._client.download_file(self._location.bucket, key, str(path), Config=_TRANSFER)

    def put(self, key: str, path: Path) -> bool:
        """Store a file unless the key exists; return whether this call stored it."""
        with self._explained(key):
            if self._size(key) is None and self._stored(key, path):
                return True
            return self._same_size(key, path)

    def _same_size(self, key: str, path: Path) -> bool:
        found, expected = self._size(key), path.stat().st_size
        if found != expected:
            raise DigestMismatchError(
                f"{key} stands in the store with {found} bytes instead of {expected}: "
                "somebody replaced it; delete it, and it is stored again"
            )
        return False

    def _size(self, key: str) -> int | None:
        try:
            return self._client.head_object(Bucket=self._location.bucket, Key=key)["ContentLength"]
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise

    def _stored(self, key: str, path: Path) -> bool:
        """Store a file unless another writer was first, which S3 decides."""
        try:
            if path.stat().st_size > PART_BYTES:
                self._put_in_parts(key, path)
            else:
                with path.open("rb") as body:
                    self._client.put_object(
                        Bucket=self._location.bucket, Key=key, Body=body, IfNoneMatch="*"
                    )
        except ClientError as error:
            if code_of(error) in _EXISTS:
                return False
            raise
        return True

    def _put_in_parts(self, key: str, path: Path) -> None:
        bucket = self._location.bucket
        upload = self._client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        try:
            parts = self._parts(key, path, upload)
            self._client.complete_multipart_upload(
                Bucket=bucket,
                Key=key,
                UploadId=upload,
                MultipartUpload={"Parts": parts},
                IfNoneMatch="*",
            )
        except BaseException:
            with suppress(ClientError, BotoCoreError):  # the first error is the one to report
                self._client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
            raise

    def _parts(self, key: str, path: Path, upload: str) -> "list[CompletedPartTypeDef]":
        parts: list[CompletedPartTypeDef] = []
        with path.open("rb") as file:
            while body := file.read(PART_BYTES):
                number = len(parts) + 1
                part = self._client.upload_part(
                    Bucket=self._location.bucket,
                    Key=key,
                    UploadId=upload,
                    PartNumber=number,
                    Body=body,
                )
                parts.append({"ETag": part["ETag"], "PartNumber": number})
        return parts

    @contextmanager
    def _explained(self, key: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError, Boto3Error) as error:
            raise explained(error, self._location, key) from error
