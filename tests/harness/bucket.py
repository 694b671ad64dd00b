"""The bucket that sources are read from and artifacts are kept in."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from harness.kubectl import Kubectl
from harness.servers.store import CREDENTIALS, KEY, KEY_ID, Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TAKEN = {"BucketAlreadyExists", "BucketAlreadyOwnedByYou"}


@dataclass(frozen=True)
class Bucket:
    """One bucket of the cluster's object store, opened with its only identity."""

    store: Store
    client: "S3Client"

    def put(self, key: str, content: bytes | str | Path) -> None:
        """Store an object: bytes, text, or the content of a file."""
        if isinstance(content, Path):
            content = content.read_bytes()
        body = content.encode() if isinstance(content, str) else content
        self.client.put_object(Bucket=self.store.bucket, Key=key, Body=body)

    def get(self, key: str) -> bytes:
        """Return an object's content."""
        return self.client.get_object(Bucket=self.store.bucket, Key=key)["Body"].read()

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys under a prefix, in order."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.store.bucket, Prefix=prefix
        )
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects."""
        for key in keys:
            self.client.delete_object(Bucket=self.store.bucket, Key=key)

    def give_access(self, kubectl: Kubectl) -> None:
        """Create the Secret that lets the Jobs and servers of a namespace use the store."""
        credentials = {
            KEY_ID: self.store.access_key_id,
            KEY: self.store.secret_access_key,
        }
        kubectl.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": CREDENTIALS},
                "stringData": credentials,
            }
        )


def opened(store: Store) -> Bucket:
    """Return the store's bucket, made when it is not there."""
    client = boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        region_name=store.region,
        aws_access_key_id=store.access_key_id,
        aws_secret_access_key=store.secret_access_key,
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )
    try:
        client.create_bucket(Bucket=store.bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in TAKEN:
            raise
    return Bucket(store, client)
