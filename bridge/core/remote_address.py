"""`[store] remote`: where the results of a team are kept, taken apart. Standard library only: `status` checks it."""

from __future__ import annotations

import os
import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

SCHEMES = ("s3", "gs", "az", "file")
REMOTE_WORDS = "an address like s3://bucket/folder, gs://bucket/folder, az://container/folder or file:///folder"
# Longest names that a cloud takes: 63 characters, with dots 222 at Google.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,221}")
_PART = re.compile(r"[A-Za-z0-9._+=@-]{1,200}")


class RemoteAddress(NamedTuple):
    """A bucket and a folder in it, or a folder of a file system. bucket: empty for a folder. prefix: of a bucket,
    without slashes at its ends. folder: the absolute path; empty for a bucket.
    """

    text: str
    scheme: str
    bucket: str
    prefix: str
    folder: str

    def __str__(self) -> str:
        return self.text


def parse_remote(text: object) -> RemoteAddress | None:
    """The address behind a text; None for anything else. Keys never stand in it, and neither does a query."""
    if not isinstance(text, str) or not text.isprintable():
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme not in SCHEMES or parts.query or parts.fragment or "?" in text or "#" in text:
        return None
    return _parse_folder(text, parts.netloc, parts.path) if parts.scheme == "file" else _parse_bucket(text)


def is_remote(text: object) -> bool:
    """Whether a text is such an address."""
    return parse_remote(text) is not None


def _parse_bucket(text: str) -> RemoteAddress | None:
    scheme, _, rest = text.partition("://")
    bucket, _, prefix = rest.partition("/")
    prefix = prefix.removesuffix("/")
    parts = prefix.split("/") if prefix else []
    if not _BUCKET.fullmatch(bucket) or not all(_PART.fullmatch(part) and part.strip(".") for part in parts):
        return None
    return RemoteAddress(text.rstrip("/"), scheme, bucket, prefix, "")


def _parse_folder(text: str, host: str, path: str) -> RemoteAddress | None:
    folder = unquote(path)
    if host not in ("", "localhost") or not folder.isprintable() or ".." in folder.split("/"):
        return None
    if os.name == "nt":
        folder = folder.removeprefix("/")
    # The root of a file system is nobody's store.
    if not os.path.isabs(folder) or os.path.dirname(folder.rstrip("/")) == folder.rstrip("/") or not folder.strip("/"):  # noqa: PTH117, PTH120
        return None
    return RemoteAddress(text.rstrip("/"), "file", "", "", folder.rstrip("/"))
