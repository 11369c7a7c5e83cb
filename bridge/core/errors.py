"""Every error that a user may see.

```
BridgeError            something is wrong and we can say what
├─ UserError           exit 2: a spec, a setting or the command line
├─ ProviderError       exit 3: the art provider refused or failed
├─ WorkFailed          exit 1: reading, drawing, writing or checking went wrong
├─ NeedsDecision       exit 4: a person has to choose
└─ Defect              exit 70: a mistake of assetbridge itself
```

An error names what happened, where (file, line, column, field) and the way out. `CODES` is the closed list of
codes; docs/reference/errors.md shows the same table (a test compares them).

What every command imports, this module included, has NamedTuples and no dataclasses: importing `dataclasses` would cost
as much as all the rest of it.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_PROVIDER = 3
EXIT_DECISION = 4
EXIT_CHANGES = 5
EXIT_BUG = 70
# 128 + SIGINT, as shells report a command that Ctrl-C ended.
EXIT_INTERRUPTED = 130

CODES: dict[str, str] = {
    # usage and project
    "usage": "The command line is wrong.",
    "no_project": "No assetbridge.toml was found here or in a folder above.",
    "foreign_project": "The project file in a folder above belongs to another user.",
    "project_exists": "init would overwrite an assetbridge.toml.",
    "project_changed": "Specs or the lock were changed during a build, by version control or an editor; build again.",
    "project_locked": "Another assetbridge process owns this project right now.",
    "config_invalid": "assetbridge.toml has a mistake.",
    "unknown_asset": "No spec has this id.",
    "not_built": "The command needs an asset that is not made yet.",
    "file_exists": "The command would overwrite a file.",
    # specs
    "spec_syntax": "The spec is not valid TOML.",
    "spec_encoding": "The spec is not UTF-8 text.",
    "spec_invalid": "A field has a wrong type or value.",
    "spec_unknown_key": "A key is not known here.",
    "spec_unknown_kind": "The kind is not one of the ten.",
    "spec_not_applicable": "A key does not apply to this kind or provider.",
    "asset_too_large": "One asset would have more frames or pixels than an asset may have.",
    "spec_unreadable": "The spec file could not be read.",
    "id_invalid": "The file name is no valid asset id.",
    "id_clash": "Two specs claim the same id or the same output.",
    "source_missing": "A file or asset that the spec names does not exist.",
    "source_outside": "A path leads out of the project.",
    "source_cycle": "Assets use each other in a circle.",
    "source_part": "The referenced asset has no such part, or several.",
    "source_broken": "A source file could not be decoded.",
    "source_needs_address": "The provider takes pictures by their web address only, and this one has none.",
    "upload_failed": "The command that puts a picture on the web did not do it; nothing was sent.",
    "unknown_provider": "No provider has this name.",
    "provider_broken": "A provider of another package cannot be used.",
    "provider_kind": "This provider does not make this kind of asset.",
    "provider_limit": "The provider cannot make this: a documented limit is exceeded.",
    # paid providers
    "key_missing": "There is no API key for a provider.",
    "not_trusted": "The project asks for something that its user has not allowed: `assetbridge trust` shows what.",
    "settings_damaged": "A file of the user's own settings cannot be read.",
    "settings_unwritable": "A file of the user's own settings cannot be written.",
    "settings_unsafe": "A file of the user's own settings is a link, another user's, or can be written by others.",
    "settings_unusable": "The user's own settings cannot be read or kept.",
    "key_unreadable": "A stored API key cannot be used.",
    "key_rejected": "The provider does not accept the API key.",
    "no_credits": "The account has too little left for this.",
    "plan_too_small": "The account's plan does not include this.",
    "provider_refused": "The provider refused the order; nothing was charged.",
    "provider_offline": "The provider could not be reached; nothing was sent.",
    "provider_busy": "The provider asked to wait for longer than a run waits; nothing was sent.",
    "provider_failed": "The provider's job failed.",
    "provider_answer": "The provider's answer could not be used.",
    "other_account": "The order was made with another key, and this one does not find it; the job is kept.",
    "result_damaged": "The provider delivered a file that cannot be used; it is paid for and can be fetched again.",
    "output_lost": "The provider does not have the result any more.",
    "still_running": "The job is still running at the provider; a later run collects it.",
    "uncertain": "Nobody knows whether an order reached the provider; a person decides.",
    "needs_approval": "This costs something and nobody has approved it yet.",
    "over_budget": "This would cost more than the budget allows.",
    "order_failed": "An order for this ended badly; it is ordered again only when a person approves it.",
    "order_cancelled": "An order for this was cancelled; it is ordered again only when a person approves it.",
    "unknown_job": "The journal has no job of this number.",
    "journal_newer": "The journal was written by a newer version.",
    "journal_damaged": "The journal cannot be read.",
    # state
    "lock_invalid": "assetbridge.lock cannot be read.",
    "lock_newer": "assetbridge.lock was written by a newer version.",
    "store_missing": "A stored result is not in the store any more.",
    "store_corrupt": "A stored result does not match its hash.",
    "remote_offline": "The team's store could not be reached; nothing is bought without it.",
    "remote_refused": "The team's store does not accept the keys that were found, or there are none.",
    "remote_read_only": "The team's store can only be read with these keys: nothing is bought, only collected.",
    "remote_unusable": "The team's store cannot be used as it is set up.",
    "remote_unsafe": "The team's store lets two machines take the same claim: nothing is bought with it.",
    "remote_damaged": "A record in the team's store cannot be read.",
    "claimed": "Another machine has claimed this order and is still at work.",
    "receipt_damaged": "The receipt of a purchase cannot be read, and nothing is ordered in its place.",
    "source_failed": "An asset that this one uses failed.",
    # daemon
    "unauthorized": "The token is missing or wrong.",
    "forbidden": "The request may come from a web page.",
    "bad_request": "The request is not what this address takes.",
    "not_found": "There is nothing at this address.",
    "plan_changed": "The plan is not the one that was approved.",
    "daemon_failed": "The daemon did not start, did not stop, or is not the one of this folder.",
    "daemon_busy": "The daemon has as many connections, listeners or builds as it takes.",
    "out_of_memory": "Making an asset takes more memory than this machine has.",
    # outputs
    "output_outside": "The output folder is outside the project or outside its engine's folder.",
    "unsafe_path": "A link or what is no regular file is in the place of a file; nothing was touched.",
    "output_conflict": "A file that assetbridge did not write is in the way.",
    "output_unwritable": "A file could not be written.",
    "disk_full": "The disk is full.",
    "drifted": "An output was edited by hand and is kept.",
    "addon_edited": "Files of an installed addon were edited by hand.",
    "addon_missing": "The addon's files are not part of this installation.",
    "export_failed": "The asset cannot be written for this engine.",
    "assemble_failed": "The delivered art does not fit the spec.",
    "missing_extra": "An optional part has to be installed first.",
    "needs_pick": "Several variants exist and one has to be picked.",
    "interrupted": "The command was stopped; what was finished is kept.",
    "internal": "A defect in assetbridge.",
}


class Where(NamedTuple):
    """A place in a file. Line and column count from 1; `field` is the dotted key path (`animations.walk.fps`)."""

    file: str
    line: int | None = None
    column: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        text = self.file
        if self.line is not None:
            text += f":{self.line}"
            if self.column is not None:
                text += f":{self.column}"
        return text

    def as_dict(self) -> dict[str, Any]:
        """The JSON form used everywhere (`{file, line, column, field}`)."""
        return {"file": self.file, "line": self.line, "column": self.column, "field": self.field}


class BridgeError(Exception):
    """The root: a code of `CODES`, one sentence, the way out, and the place."""

    exit_code: ClassVar[int] = EXIT_FAILED
    field: str = ""
    """The spec field to blame, where the raiser does not know the file."""

    def __init__(self, code: str, message: str, *, hint: str = "", where: Where | None = None) -> None:
        if code not in CODES:
            raise AssertionError(f"unknown error code {code!r}: add it to CODES")
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.where = where

    def as_dict(self) -> dict[str, Any]:
        """The one JSON error shape: `{code, message, hint, where}`."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "where": self.where.as_dict() if self.where else None,
        }

    def __str__(self) -> str:
        prefix = f"{self.where}: " if self.where else ""
        return f"{prefix}{self.message}"


class UserError(BridgeError):
    """A spec, a setting or the command line has to be corrected."""

    exit_code = EXIT_USAGE


class ProviderError(BridgeError):
    """The provider refused or failed."""

    exit_code = EXIT_PROVIDER


class WorkFailed(BridgeError):
    """Reading, drawing, writing or checking went wrong."""

    exit_code = EXIT_FAILED


class NeedsDecision(BridgeError):
    """Nothing is broken, but a person has to choose."""

    exit_code = EXIT_DECISION


class Defect(BridgeError):
    """A mistake of assetbridge itself met one asset; the others go on."""

    exit_code = EXIT_BUG


class ErrorGroup(BridgeError):
    """Several errors found in one pass; the strongest exit code wins."""

    def __init__(self, errors: list[BridgeError]) -> None:
        first = errors[0]
        super().__init__(first.code, first.message, hint=first.hint, where=first.where)
        self.errors = errors

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)
