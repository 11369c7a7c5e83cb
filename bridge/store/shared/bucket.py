"""A bucket of a cloud, or a folder, as the few operations that the shared store is made of.

Objects are created and never changed: `create` says who was first, which is all that claims need. No compare-and-swap,
because some servers answer it wrongly. Whatever the library says of a failure stays here: its texts hold addresses,
which may be signed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from bridge.core import waits
from bridge.core.errors import UserError, WorkFailed
from bridge.core.remote_address import RemoteAddress
from bridge.store.shared.cloud_keys import azure_options, s3_options

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
# What the library asks last, where no keys were found anywhere else.
_NO_KEYS = re.compile(r"169\.254\.169\.254|metadata\.google\.internal|metadata/identity")
_CHUNK_BYTES = 1 << 20


class RemoteOfflineError(WorkFailed):
    """The store cannot be reached: what is here goes on without it."""


class RemoteRefusedError(WorkFailed):
    """The store does not take these keys for this."""


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """An object as a listing has it. name: below the store's folder. modified: seconds since 1970 by the server."""

    name: str
    size_bytes: int
    modified: float


class Bucket:
    """See the module. Every call may be made from any thread, and asks for trust first.

    require_trust: raises where the user has not allowed to ask the store.
    """

    def __init__(self, address: RemoteAddress, require_trust: Callable[[], None]) -> None:
        self.address = address
        self._require_trust = require_trust
        self._opened: ObjectStore | None = None

    def create(self, name: str, data: bytes) -> bool:
        """Creates an object; False where there is one of that name already, whatever is in it.

        A request whose answer was lost is sent again by the library, and finds what the first one has created: let the
        bytes hold something that nobody else writes, and look.

        Raises:
            WorkFailed: `remote_offline`, `remote_refused`.
            UserError: `remote_unusable`, `missing_extra`.
        """
        obstore = _load_library()
        try:
            obstore.put(self._open(), name, data, mode="create")
        except obstore.exceptions.AlreadyExistsError:
            return False
        except (obstore.exceptions.BaseError, OSError) as error:
            self._raise_failure(error)
        return True

    def put(self, name: str, data: bytes) -> None:
        """Writes an object over whatever is there: for blobs, whose name says what they have to be.

        Raises:
            WorkFailed, UserError: as `create`.
        """
        obstore = _load_library()
        try:
            obstore.put(self._open(), name, data, use_multipart=False)
        except (obstore.exceptions.BaseError, OSError) as error:
            self._raise_failure(error)

    def get(self, name: str, most_bytes: int) -> bytes | None:
        """The bytes of an object; None where there is none.

        Raises:
            WorkFailed: `remote_damaged`: it is longer than `most_bytes`; else as `create`.
        """
        obstore = _load_library()
        try:
            answer = obstore.get(self._open(), name)
            data = bytearray()
            for chunk in answer.stream(min_chunk_size=_CHUNK_BYTES) if answer.meta["size"] <= most_bytes else [b"?"]:
                data += chunk
                if len(data) > most_bytes or answer.meta["size"] > most_bytes:
                    raise WorkFailed(
                        "remote_damaged",
                        f"{name} in {self.address} has more than {most_bytes / 1e6:g} MB",
                        hint="Nothing of it was used. assetbridge writes none of that size.",
                    )
        except FileNotFoundError:
            return None
        except (obstore.exceptions.BaseError, OSError) as error:
            self._raise_failure(error)
        return bytes(data)

    def list(self, folder: str, after: str = "") -> Iterator[ObjectEntry]:
        """The objects below a folder, in no order that is promised. after: only those whose names come behind it.

        Raises:
            WorkFailed, UserError: as `create`.
        """
        obstore = _load_library()
        try:
            for page in obstore.list(self._open(), folder, offset=after or None):
                for meta in page:
                    yield ObjectEntry(str(meta["path"]), int(meta["size"]), meta["last_modified"].timestamp())
        except FileNotFoundError:
            return
        except (obstore.exceptions.BaseError, OSError) as error:
            self._raise_failure(error)

    def delete(self, names: Iterable[str]) -> None:
        """Removes objects; one that is not there is no failure.

        Raises:
            WorkFailed, UserError: as `create`.
        """
        obstore = _load_library()
        for name in names:
            try:
                obstore.delete(self._open(), name)
            except FileNotFoundError:
                continue
            except (obstore.exceptions.BaseError, OSError) as error:
                self._raise_failure(error)

    def _open(self) -> ObjectStore:
        self._require_trust()
        if self._opened is None:
            obstore = _load_library()
            try:
                self._opened = _open_store(self.address)
            except (obstore.exceptions.BaseError, OSError, ValueError) as error:
                if self.address.folder:
                    raise RemoteOfflineError(
                        "remote_offline",
                        f"there is no folder {self.address.folder}",
                        hint="Connect the drive, or make the folder; it is never made here, in the place of a drive.",
                    ) from None
                self._raise_failure(error)
        return self._opened

    def _raise_failure(self, error: BaseException) -> NoReturn:
        """Says what a failure means, without the library's own words.

        Raises:
            WorkFailed, UserError: what it means.
        """
        exceptions = _load_library().exceptions
        text = str(error)
        status, code = _STATUS.search(text), _CODE.search(text)
        reason = code[1] if code else f"status {status[1]}" if status else ""
        said = f" ({reason})" if reason else ""
        if isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError | PermissionError) or (
            _NO_KEYS.search(text)
        ):
            raise RemoteRefusedError(
                "remote_refused",
                f"{self.address} does not take the keys that were found for it{said}",
                hint=_KEY_HINTS[self.address.scheme],
            ) from None
        if isinstance(error, FileNotFoundError | exceptions.NotSupportedError | exceptions.InvalidPathError) or (
            status is not None and status[1].startswith(("3", "4")) and status[1] not in ("408", "409", "429")
        ):
            raise UserError(
                "remote_unusable",
                f"{self.address} cannot be used{said or ': there is no such bucket'}",
                hint="Look at [store] remote, at the region and, for a server of your own, at AWS_ENDPOINT_URL.",
            ) from None
        raise RemoteOfflineError(
            "remote_offline",
            f"{self.address} cannot be reached{said}",
            hint="What is on this machine is used; nothing is bought until it can be reached again.",
        ) from None


_KEY_HINTS = {
    "s3": "They are looked for as the AWS command line does: AWS_ACCESS_KEY_ID, AWS_PROFILE, ~/.aws/credentials.",
    "gs": "They are looked for in GOOGLE_APPLICATION_CREDENTIALS and where `gcloud auth application-default login` "
    "keeps them.",
    "az": "They are looked for in AZURE_STORAGE_ACCOUNT, AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN, AZURE_CLIENT_ID.",
    "file": "Look at the owner and the mode of that folder.",
}


def _load_library() -> Any:
    """The library of the extra `remote`, loaded when the store is asked first.

    Raises:
        UserError: `missing_extra`.
    """
    try:
        import obstore
        import obstore.exceptions
        import obstore.store
    except ImportError as error:
        raise UserError(
            "missing_extra",
            "[store] remote needs the extra `remote`",
            hint='pip install "assetbridge[remote]"',
        ) from error
    return obstore


def _open_store(address: RemoteAddress) -> ObjectStore:
    stores = _load_library().store
    if address.folder:
        opened: ObjectStore = stores.LocalStore(address.folder)
        return opened
    options: dict[str, Any] = {
        "client_options": {
            "timeout": timedelta(seconds=waits.REMOTE_REQUEST_S),
            "connect_timeout": timedelta(seconds=waits.REMOTE_CONNECT_S),
        },
        "retry_config": {
            "max_retries": waits.MOST_REMOTE_RETRIES,
            "retry_timeout": timedelta(seconds=waits.REMOTE_REQUEST_S),
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=2),
                "base": 2,
            },
        },
    }
    if address.prefix:
        options["prefix"] = address.prefix
    if address.scheme == "s3":
        keys = s3_options()
        options["client_options"]["allow_http"] = keys.allow_http
        options["config"] = keys.config
        if keys.provider is not None:
            options["credential_provider"] = keys.provider
        opened = stores.S3Store(address.bucket, **options)
    elif address.scheme == "gs":
        opened = stores.GCSStore(address.bucket, **options)
    else:
        opened = stores.AzureStore(address.bucket, config=azure_options(), **options)
    return opened
