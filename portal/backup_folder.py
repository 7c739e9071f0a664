"""The folder of a backup: each file is written and read through a digest, and encrypted with age
where there is a public key.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pyrage

ENCRYPTED = ".age"


class BackupError(Exception):
    """A sentence about why there is no backup, or nothing restored."""


class BackupFolder(NamedTuple):
    """What is written can be read with the secret key alone, which need not be on this machine."""

    path: Path
    public_key: Any = None  # whom to encrypt for, if at all
    secret_keys: tuple[Any, ...] = ()  # who decrypts

    def write(self, name: str, reader: Any) -> str:
        """Store what can be read there, durably; returns its digest before encryption."""
        source = _Digested(reader)
        path = self.path / f"{name}{ENCRYPTED if self.public_key else ''}"
        with open(path, "xb", opener=_for_its_owner) as file:
            if self.public_key:
                self._encrypt(source, file)
            else:
                shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        return source.digest

    def read(self, name: str, writer: Any = None) -> str:
        """Write it there, decrypted; returns the digest. Raises BackupError, OSError."""
        target = _Digested(writer)
        with (self.path / f"{name}{ENCRYPTED if self.is_encrypted else ''}").open("rb") as file:
            if not self.is_encrypted:
                shutil.copyfileobj(file, target)
                return target.digest
            if not self.secret_keys:
                raise BackupError("This backup is encrypted. Name its key: --key FILE.")
            try:
                pyrage.decrypt_io(file, target, self.secret_keys)
            except (pyrage.DecryptError, OSError) as error:
                raise BackupError(f"{file.name} cannot be decrypted: {error}.") from error
        return target.digest

    def _encrypt(self, source: Any, file: Any) -> None:
        try:
            pyrage.encrypt_io(source, file, [self.public_key])
        except pyrage.EncryptError as error:
            raise BackupError(f"{file.name} cannot be written: {error}.") from error

    @property
    def is_encrypted(self) -> bool:
        return any(self.path.glob(f"*{ENCRYPTED}"))


class _Digested:
    """Reads or writes, and knows the digest of all that has passed."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.found = inner, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self.inner.read(size)
        self.found.update(chunk)
        return chunk

    def write(self, chunk: bytes) -> int:
        self.found.update(chunk)
        if self.inner is not None:
            self.inner.write(chunk)
        return len(chunk)

    def flush(self) -> None:
        """What is behind is flushed when it is closed."""

    @property
    def digest(self) -> str:
        return self.found.hexdigest()


def public_key_of(key: str) -> Any:
    """The public key that BACKUP_PUBLIC_KEY names; None without one. Raises BackupError."""
    try:
        return pyrage.x25519.Recipient.from_str(key) if key else None
    except pyrage.RecipientError as error:
        raise BackupError(f"BACKUP_PUBLIC_KEY is no public key of age: {error}.") from error


def secret_keys_in(file: Path | None) -> tuple[Any, ...]:
    """The keys in a file as `age-keygen` writes it. Raises BackupError, OSError."""
    if file is None:
        return ()
    lines = [line.strip() for line in file.read_text(errors="replace").splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    try:
        found = tuple(pyrage.x25519.Identity.from_str(key) for key in keys)
    except pyrage.IdentityError as error:
        raise BackupError(f"{file} is no secret key of age.") from error
    if not found:
        raise BackupError(f"There is no secret key of age in {file}.")
    return found


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
