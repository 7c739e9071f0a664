"""Files in an S3 bucket.

Only this module loads boto3, so a portal that keeps its files on disk starts without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

PATIENCE = {"connect_timeout": 5, "read_timeout": 20, "retries": {"max_attempts": 2}}  # seconds


class Bucket(S3Storage):
    """A private bucket whose errors are OSErrors, like those of a disk."""

    def __init__(self, *, addressing_style: str = "auto", **options: Any) -> None:
        client = Config(s3={"addressing_style": addressing_style}, **PATIENCE)
        super().__init__(
            client_config=client, transfer_config=TransferConfig(use_threads=False), **options
        )

    def _save(self, name: str, content: Any) -> str:
        with as_os_errors():
            return str(super()._save(name, content))

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """Read the file at once, so that a download cannot fail halfway."""
        with as_os_errors():
            opened: File[bytes] = super()._open(name, mode)
            opened.seek(0)
            return opened

    def delete(self, name: str) -> None:
        with as_os_errors():
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with as_os_errors():
            folders, files = super().listdir(name)
            return folders, files

    def get_modified_time(self, name: str) -> Any:
        with as_os_errors():
            return super().get_modified_time(name)


@contextmanager
def as_os_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            raise FileNotFoundError(str(error)) from error
        raise OSError(str(error)) from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(str(error)) from error
