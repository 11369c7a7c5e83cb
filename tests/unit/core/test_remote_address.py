"""`[store] remote` taken apart: what is an address, and what is none."""

from __future__ import annotations

import pytest

from bridge.core.remote_address import parse_remote


@pytest.mark.parametrize(
    ("text", "bucket", "prefix", "folder"),
    [
        ("s3://team", "team", "", ""),
        ("s3://team/", "team", "", ""),
        ("s3://team.art/games/one/", "team.art", "games/one", ""),
        ("gs://team/game", "team", "game", ""),
        ("az://container/game", "container", "game", ""),
        ("file:///srv/nas/my%20game", "", "", "/srv/nas/my game"),
        ("file://localhost/srv/nas", "", "", "/srv/nas"),
    ],
)
def test_addresses(text: str, bucket: str, prefix: str, folder: str) -> None:
    address = parse_remote(text)
    assert address is not None
    assert (address.bucket, address.prefix, address.folder) == (bucket, prefix, folder)
    assert address.text == text.rstrip("/")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "s3://",
            "s3:team",
            "team/game",
            "http://team/game",
            "s3:///game",
            "file://",
            "file:///",
            "file://nas/game",
        ),
        *(
            "s3://key:secret@team/game",
            "s3://team/../other",
            "s3://team/game?sig=abc",
            "s3://team/game#part",
            "s3://a b",
        ),
        *(
            "s3://team//game",
            "s3://team/./game",
            "file:///srv/../etc",
            "file:relative",
            "s3://team/g\x00me",
            "s3://[team",
        ),
        *("s3://team/" + "a" * 201, "S3 ://team"),
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert parse_remote(text) is None


@pytest.mark.parametrize("value", [None, 1, ["s3://team"], True])
def test_what_is_no_text(value: object) -> None:
    assert parse_remote(value) is None
