"""docs/reference/daemon.md: how to use the daemon, and its addresses as its own OpenAPI document has them."""

from __future__ import annotations

from typing import Any

from bridge.daemon.api.auth import BODY_LIMIT
from bridge.daemon.api.openapi import describe_api
from bridge.daemon.api.routes import ENDPOINTS
from bridge.daemon.build_outcomes import KEPT
from bridge.daemon.events import CAPACITY, HEARTBEAT_SECONDS

_PAGE = """\
# The daemon and its HTTP API

`assetbridge daemon start` runs assetbridge in the background for one project: it builds what a save changes, and
editors' addons and your own tools talk to it over HTTP. `daemon status` shows it, `daemon stop` ends it at its next
safe point. It spends money only inside a `[budget]`, or for a plan that was approved ([money.md](../guides/money.md)).

## Commands and the daemon
While a daemon of the same version runs for a project, these commands ask it instead of working themselves. What they
print on stdout, their files and their exit codes are the same either way; `--no-daemon` works in the process itself.

| command | through the daemon | why |
|---|---|---|
| `build`, `approve` | yes | what the daemon is building locks nobody out: the build waits its turn, and progress is shown live |
| `jobs adopt`, `abandon`, `resubmit`, `settle`, `cancel` | yes | a decision also reaches a build that is running |
| `reroll`, `pick` | yes | edits wait for each other, so that two of them at once lose none |
| `status`, `plan`, `check`, `jobs`, `spend`, `doctor` | no | they only read the same files, need no lock, and answer at once |
| `export`, `clean`, `watch` | no | they own the project themselves; `export` and `clean` say `project_locked` while the daemon builds |

Ctrl-C ends the waiting, not the build: the daemon goes on, and the exit code is 130. A daemon that does not answer, is
of another version or serves another folder is mentioned in one line on stderr, and the command works by itself. The
daemon has the API keys of the shell that started it, beside those that `providers` keeps.

## Finding it and proving who you are
`.assetbridge/daemon.json` in the project says `pid`, `port`, `token`, `version` and `nonce`; it is readable for its
owner alone. The same facts for all projects are in `daemons.json` in assetbridge's folder of the user's settings.
A record may be left over from a daemon that was killed: ask `GET /v1/health` and compare `nonce`, and `root` with the
project's folder.

Every request needs, and is refused without:

1. `Host`: 127.0.0.1, localhost or [::1] with the very port (403);
2. no `Origin`, and no `Sec-Fetch-Site` but `none` or `same-origin`: web pages are refused (403);
3. `Authorization: Bearer TOKEN` (401);
4. on writes `Content-Type: application/json` (415) and at most {limit} bytes (413; the connection is closed).

No answer has a CORS header. What a body or a query has beyond the tables below is refused (400).

```sh
token=$(python3 -c 'import json; print(json.load(open(".assetbridge/daemon.json"))["token"])')
port=$(python3 -c 'import json; print(json.load(open(".assetbridge/daemon.json"))["port"])')
curl -H "Authorization: Bearer $token" http://127.0.0.1:$port/v1/assets
```

## Addresses
`GET /v1/openapi.json` describes all of this for programs (OpenAPI 3.1). `{{key}}` is the `key` of an asset in
`GET /v1/assets`: 16 hex digits, never a path. Fields in bold must be there.

{routes}
## Errors
Every error is `{{"error": {{"code", "message", "hint", "where"}}}}`, and `errors` besides where several were found.
The codes are in [errors.md](errors.md); `where` is null or `{{file, line, column, field}}`. The header `X-Exit-Code` is
what the command line would end with.

{statuses}
## Builds and events
`build` and `approve` answer 202 at once: `{{"request": 7, "ids": [...], "cursor": "..."}}`. The events after `cursor`
tell the rest, up to `done` with this `request`; then `GET /v1/builds/7` is the document of `build --json`, with
`failures` (what stopped it as a whole) and `exit_codes`. The last {kept} outcomes are kept.

`GET /v1/events?after=CURSOR` is a stream of server-sent events; with `&wait=25` it is one answer, as soon as something
happened or after 25 seconds: `{{"events": [...], "cursor": "..."}}`. Both use the same cursor, which is text. Without
`after` it begins now, with `after=0` at the daemon's start. The last {capacity} events are kept: whoever comes with an
older cursor, or one of an earlier daemon, gets `{{"type": "reset", "seq": CURSOR}}`, looks at everything anew and goes
on from there. A silent stream says `: still here` every {heartbeat:g} seconds.

Every event has `seq`, `at` (seconds since 1970), `type`, `key`, `id`, `state`, `progress` (0–1 or null) and `files`
(written paths by target). By type:

| `type` | further facts | when |
|---|---|---|
| `asset` | `request`; while it is building `step`, `done`, `total`; at its end `error`, `notes`, and with `every` `result` | an asset is `queued`, `building`, or came to a state |
| `job` | `request`, `job`, `step`, `provider` | a paid order moved |
| `spent` | `request`, `spent`: `[{{provider, unit, amount, possible}}]` | a build was charged |
| `changed` | `paths` | files of the project hold something new |
| `notice` | `message` | changes are looked for in turns, because the system does not report them |
| `done` | `request`, `error` | a build has ended |
| `reset` | | events are gone: look at everything anew |

Without `every` a build of everything tells only of assets that changed.
"""  # noqa: E501  rows of tables cannot be broken


def daemon_page() -> str:
    """The text of docs/reference/daemon.md."""
    return _PAGE.format(
        limit=BODY_LIMIT,
        kept=KEPT,
        capacity=CAPACITY,
        heartbeat=HEARTBEAT_SECONDS,
        routes=_routes(),
        statuses=_statuses(),
    )


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = describe_api(ENDPOINTS)["paths"]
    return [(method.upper(), path, paths[path][method]) for path in paths for method in paths[path]]


def _routes() -> str:
    lines = ["| address | takes | gives | what it does |", "|---|---|---|---|"]
    for method, path, operation in _operations():
        status = min(operation["responses"])
        lines.append(f"| `{method} {path}` | {_takes(operation)} | {status} | {operation['summary']} |")
    return "\n".join(lines) + "\n"


def _takes(operation: dict[str, Any]) -> str:
    query = [f"`?{parameter['name']}=`" for parameter in operation["parameters"] if parameter["in"] == "query"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    needed = body.get("required", [])
    fields = [f"**`{name}`**" if name in needed else f"`{name}`" for name in body.get("properties", {})]
    return ", ".join(query + fields)


def _statuses() -> str:
    """The statuses of errors and what they mean."""
    meanings = {
        status: answer["description"]
        for _, _, operation in _operations()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
    }
    lines = [
        "| status | meaning |",
        "|---|---|",
        *(f"| {status} | {meanings[status]} |" for status in sorted(meanings)),
    ]
    return "\n".join(lines) + "\n"
