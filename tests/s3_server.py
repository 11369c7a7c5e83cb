"""A server that speaks like S3, on this machine: moto's, with every request counted and, if asked, a fault."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

KEYS = {"AWS_ACCESS_KEY_ID": "AKIATEAMSTORETEST", "AWS_SECRET_ACCESS_KEY": "team-store-secret-of-the-tests"}
BUCKET = "team"


@dataclass
class S3Server:
    """A running server. requests: method and path of each. is_unsafe: it overwrites whatever is said, as some do.

    is_down: it breaks off every request.
    """

    url: str = ""
    requests: list[str] = field(default_factory=list)
    is_unsafe: bool = False
    is_down: bool = False

    @property
    def env(self) -> Mapping[str, str]:
        """What the environment has to hold."""
        return {**KEYS, "AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}


@contextmanager
def s3_server(*, is_unsafe: bool = False) -> Iterator[S3Server]:
    """A server with an empty bucket `team`."""
    inner, one_at_a_time = DomainDispatcherApplication(create_backend_app), threading.Lock()
    served = S3Server(is_unsafe=is_unsafe)

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        served.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if served.is_down:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        if served.is_unsafe:
            environ.pop("HTTP_IF_NONE_MATCH", None)
        with one_at_a_time:
            # Its listings break where something is deleted meanwhile.
            return list(inner(environ, start))

    server = make_server("127.0.0.1", 0, serve, threaded=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with urlopen(Request(f"{served.url}/moto-api/reset", method="POST"), timeout=30):
            pass
        with urlopen(Request(f"{served.url}/{BUCKET}", method="PUT"), timeout=30):
            pass
        served.requests.clear()
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
