"""docs/reference/daemon.md: how to use the daemon, and its addresses as its own OpenAPI document has them."""

from __future__ import annotations

from typing import Any

from bridge.daemon.api.openapi import describe_api
from bridge.daemon.api.routes import ENDPOINTS
from bridge.daemon.build_outcomes import KEPT
from bridge.daemon.events import CAPACITY, HEARTBEAT_SECONDS
from bridge.daemon.limits import LIMITS, list_limits

_PAGE = """\
# The daemon and its HTTP API

`assetbridge daemon start` runs assetbridge in the background for one project: it builds what a save changes, and
editors' addons and your own tools talk to it over HTTP. `daemon status` shows it, `daemon stop` ends it at its next
safe point. It spends money only inside a `[budget]`, or for a plan that was approved ([money.md](../guides/money.md)), and
only in a project that its user trusts: `GET /v1/trust` says so, and nobody is asked over HTTP ([security.md](../security.md)).

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
Neither says that somebody is there, nor who: a record may be left over from a daemon that was killed, be copied along
with a folder, or have come with a clone. So believe one that `daemons.json` has, too, and ask `GET /v1/health?root=` with
your folder first: `nonce` is that of the record, and `serves` is true. The addons send nothing else before.
Read no more than you expect, and wait no longer.

These files, the log, and the databases `state.db` and `journal.db` have mode 0600, and a `daemon.json` is believed only
when it is a plain file of the same user that nobody else can write. The folder `.assetbridge` itself has the mode that
your umask gives it: `store/` in it may be committed, and shared by a group. Two users with one checkout have one daemon
at a time, and only its own user can ask it.

## Starting it from an editor
`launchers.json` beside `daemons.json` says how assetbridge is started: `default`, and in `projects`, by real path, the
command lines of projects for which another installation was used last. Each is a list of words that begins with an
absolute path. Commands write it, `install-addon` makes itself the default. It is believed only while nobody but you may
write it (on Windows, and for Tiled, whose scripts are not told, nobody looks at that). Nothing in a project names a
program: a `.assetbridge/launcher.json` of earlier versions means nothing any more. Without a launcher the addons take
`assetbridge` from the absolute folders of `PATH` that lie outside of the project.

The daemon, the processes that draw and those that read and write sound import nothing from the project's folder and do
not run in it. Of `python -m bridge` Python itself looks for modules in the working folder before assetbridge runs: in a
folder that is not yours use `assetbridge`, or `python -P -m bridge`.

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

## How long it lives
A daemon serves a folder, not a path. When the folder is deleted, renamed, or replaced by a copy or a fresh clone, it
refuses every request from that moment (410) and ends within a few seconds; an order that is on its way is waited for as
`daemon stop` does, and its journal goes along with the folder. `daemon start` in the new place waits for that. It also
ends when `.assetbridge/daemon.lock` is deleted: that file proves that there is one daemon. A `daemon.json` that was
deleted, damaged or copied from elsewhere is written anew.

`assetbridge.toml` may be broken, deleted or changed (its `id`, too) meanwhile: the daemon stays, says so once, and goes
on with the file that comes next. `daemon status` and `daemon stop` work without it.

What fails as a whole (a full disk, conflict markers in `assetbridge.lock`, settings that cannot be read, another process
at work) is *owed*: `owed` in `GET /v1/health` and `daemon status` say why and since when. It is tried again when a file
of the project changes, and else after 1, 2, 4 … seconds, at last once a minute, and is what a save asks for: free, or
inside a budget. An approved build is never repeated by itself.

## Limits
Anybody on the machine can open connections; who has not shown the token competes with strangers alone.

{limits}
`daemon.log` is empty unless something went wrong in the daemon itself.

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
| `owed` | `error` | something could not be done as a whole and will be tried again; null: it is done |
| `reset` | | events are gone: look at everything anew |

Without `every` a build of everything tells only of assets that changed.
"""  # noqa: E501  rows of tables cannot be broken


def daemon_page() -> str:
    """The text of docs/reference/daemon.md."""
    return _PAGE.format(
        limit=LIMITS.body_bytes,
        limits=_limits(),
        kept=KEPT,
        capacity=CAPACITY,
        heartbeat=HEARTBEAT_SECONDS,
        routes=_routes(),
        statuses=_statuses(),
    )


def _limits() -> str:
    lines = ["| limit | | of what |", "|---|---|---|"]
    lines.extend(f"| `{name}` | {value} | {meaning} |" for name, value, meaning in list_limits())
    return "\n".join(lines) + "\n"


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
