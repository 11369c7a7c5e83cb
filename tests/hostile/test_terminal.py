"""Nothing that a stranger wrote moves the cursor, hides a word or forges a line, in whatever is shown of it."""

from __future__ import annotations

import ast
import io
import json
import logging
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.cli import main
from bridge.cli.output import print_json, print_json_text, print_line, print_note, print_text
from bridge.cli.render import BarProgress, LineProgress
from bridge.core import redact
from bridge.core.crash_log import CRASH_LOG, record_defect
from bridge.core.errors import UserError, Where
from bridge.core.visible import VisibleStream, guard_streams, show_text, write_json
from bridge.daemon import __main__ as daemon_main
from bridge.daemon.api.auth import encode_error
from tests.hostile.hostile_names import FORBIDDEN, HOSTILE, write_hostile_specs
from tests.unit.test_repository import ROOT, modules, name_of, text_of

ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COMMANDS = [
    ["plan"],
    ["plan", "-v"],
    ["build"],
    ["build", "-v"],
    ["build", "--events"],
    ["status"],
    ["status", "-v"],
    ["check"],
    ["check", "--art"],
    ["inspect", "art/gem"],
    ["inspect", HOSTILE],
    ["export"],
    ["reroll", HOSTILE],
    ["pick", HOSTILE, "1"],
    ["approve", HOSTILE],
    ["jobs", "--all"],
    ["jobs", HOSTILE],
    ["jobs", "cancel", HOSTILE],
    ["jobs", "webhook"],
    ["spend"],
    ["spend", "--from", HOSTILE],
    ["clean"],
    ["clean", "--yes", HOSTILE],
    ["providers"],
    ["providers", "models", HOSTILE],
    ["providers", "login", HOSTILE],
    ["schema"],
    ["install-addon", HOSTILE],
    ["doctor"],
    ["new", HOSTILE, "x"],
    ["new", "sprite", HOSTILE],
    ["init", "--name", HOSTILE],
    ["daemon", "status"],
    ["daemon", HOSTILE],
    ["demo", "."],
    ["build", "--max-cost", HOSTILE],
    [HOSTILE],
    ["plan", f"--{HOSTILE}"],
    ["plan", "--project", HOSTILE.replace("/", "")],
]
# The one module that writes, the one that guards what libraries write, and helpers whose stdout is data in a pipe.
WRITERS = {
    "bridge/cli/output.py",
    "bridge/core/visible.py",
    "bridge/daemon/__main__.py",
    "bridge/media/audio_encoder.py",
    "bridge/providers/sprixen/sound_decoder.py",
}


@pytest.fixture
def hostile_project(stranger: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_hostile_specs(stranger)
    monkeypatch.chdir(stranger)
    return stranger


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: show_text(" ".join(words))[:30])
@pytest.mark.usefixtures("hostile_project")
def test_no_command_shows_what_acts(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    codes = [main(words)]
    if "--events" not in words:
        codes.append(main([*words, "--json"]))
    shown = capsys.readouterr()
    assert 70 not in codes, shown.err
    assert shown.out + shown.err
    assert not FORBIDDEN.search(shown.out + shown.err), ascii(FORBIDDEN.search(shown.out + shown.err))
    assert "\nerror: forged" not in shown.out + shown.err


@pytest.mark.usefixtures("hostile_project")
def test_names_are_shown_in_their_escaped_form(capsys: pytest.CaptureFixture[str]) -> None:
    main(["plan"])
    assert r"there is no kind \x1b[2J\x1b]0;owned\x07\r\x08\u202egnp" in capsys.readouterr().err


@pytest.mark.usefixtures("hostile_project")
def test_programs_read_the_very_same_texts(capsys: pytest.CaptureFixture[str]) -> None:
    main(["status", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert f"art/{HOSTILE}" in {asset["id"] for asset in document["assets"]}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo terminals")
@pytest.mark.usefixtures("hostile_project")
def test_a_terminal_gets_our_own_colours_and_nothing_of_theirs() -> None:
    mine, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "bridge", "build"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        shown = b""
        while select.select([mine], [], [], 60)[0]:
            try:
                shown += os.read(mine, 65536)
            except OSError:
                break
    os.close(mine)
    text = shown.decode()
    assert "\x1b[31m" in text
    assert "\x1b[2J" not in text
    assert "owned" in text
    plain = ESCAPE_SEQUENCE.sub("", text).replace("\r", "")
    assert not FORBIDDEN.search(plain), ascii(FORBIDDEN.search(plain))


def test_a_progress_bar_takes_brackets_for_brackets() -> None:
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    before, sys.stdout = sys.stdout, stream
    try:
        progress = BarProgress(verbose=False)
        progress.step(f"[/][red][link=file:///etc]{HOSTILE}", "image/1", 0, 2)
        progress.close()
    finally:
        sys.stdout = before
    plain = ESCAPE_SEQUENCE.sub("", stream.getvalue()).replace("\r", "")
    assert "[/][red][link=file:///etc]" in plain
    assert not FORBIDDEN.search(plain)


def test_lines_of_progress_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    LineProgress(verbose=True).step("art/gem", HOSTILE, 0, 1)
    assert capsys.readouterr().out.count("\n") == 1


@given(st.text(st.characters(), max_size=60))
def test_any_text_is_one_visible_line_and_says_what_it_was(text: str) -> None:
    shown = show_text(text)
    assert not FORBIDDEN.search(re.sub("(?<=[^\x00-\x7f])\u200d(?=[^\x00-\x7f])", "", shown))
    assert "\n" not in shown
    shown.encode()


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_json_is_visible_ascii_and_the_same_document(document: object) -> None:
    text = write_json(document)
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text) == document


@pytest.mark.parametrize(
    "text", ["Übermut grüßt", "勇者の剣", "герой", "بطل", "👩\u200d👩\u200d👧 ❤️", "naïve\u00a0— “quoted” → …", "नायक"]
)
def test_what_people_write_is_shown_as_it_is(text: str) -> None:
    assert show_text(text) == text


@pytest.mark.parametrize("text", ["a\u200db", "👩\u200d", "\u200d", "price\u200d👩", "\u00ad", "\ue000", "\U000e0061"])
def test_joiners_outside_of_emoji_and_what_is_invisible_is_shown(text: str) -> None:
    assert show_text(text).isascii() or "\u200d" not in show_text(text)


def test_what_libraries_write_is_guarded_too(capsys: pytest.CaptureFixture[str]) -> None:
    with guard_streams():
        sys.stderr.write(f"UserWarning: {HOSTILE}\n")
        logging.StreamHandler(sys.stderr).emit(logging.makeLogRecord({"msg": HOSTILE}))
        print(HOSTILE)
    shown = capsys.readouterr()
    assert not FORBIDDEN.search(shown.out + shown.err)


def test_our_own_colours_pass_the_guard_and_others_do_not() -> None:
    stream = io.StringIO()
    VisibleStream(stream).write("\x1b[31mred\x1b[0m \x1b[8mhidden \x1b[2J\n")
    assert stream.getvalue() == "\x1b[31mred\x1b[0m \\x1b[8mhidden \\x1b[2J\n"


def test_a_name_cannot_colour_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with guard_streams():
        print_line("\x1b[31mred")
    assert capsys.readouterr().out == "\\x1b[31mred\n"


def test_the_crash_log_is_visible(tmp_path: Path) -> None:
    try:
        raise RuntimeError(HOSTILE)
    except RuntimeError as error:
        record_defect(error, tmp_path, HOSTILE)
    text = (tmp_path / CRASH_LOG).read_text(encoding="utf-8")
    assert "RuntimeError" in text
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize(
    ("error", "code"), [(UserError("usage", HOSTILE), 2), (RuntimeError(HOSTILE), 70), (SystemError(HOSTILE), 70)]
)
def test_the_log_of_the_daemon_is_visible(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    def fail(_root: Path) -> None:
        raise error

    monkeypatch.setattr(daemon_main, "serve_project", fail)
    monkeypatch.setattr(sys, "argv", ["bridge.daemon", "."])
    assert daemon_main.main() == code
    shown = capsys.readouterr().err
    assert "owned" in shown
    assert not FORBIDDEN.search(shown)


def test_a_key_is_masked_at_the_writer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    key = "sk-live/3f9a+77d0c4b1=="
    monkeypatch.setattr(redact, "_known", {key})
    encoded = [form for form in redact.secret_forms([key]) if form.isascii()]
    with guard_streams():
        for form in [*encoded, f"{key[:9]}\n{key[9:]}", f"{key[:9]}\\n    {key[9:]}"]:
            print_line(form)
            print_note(form)
            print_text(form)
            print_json({"text": form})
            print_json_text(json.dumps([form]))
            sys.stderr.write(f"{form}\n")
    shown = capsys.readouterr()
    assert "[key]" in shown.out
    assert redact.redact(shown.out + shown.err, {key}) == shown.out + shown.err
    assert key[9:] not in shown.out + shown.err


def test_a_wrong_message_is_an_error_of_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    from bridge.cli.errors import print_error

    print_error(UserError("usage", HOSTILE, hint=HOSTILE, where=Where(HOSTILE, 1, 2, HOSTILE)), as_json=False)
    shown = capsys.readouterr().err
    assert shown.count("\n") == 2
    assert not FORBIDDEN.search(shown)


def test_the_daemon_answers_in_visible_ascii() -> None:
    body = encode_error(UserError("usage", HOSTILE)).decode()
    assert body.isascii()
    assert body.isprintable()
    assert json.loads(body)["error"]["message"] == HOSTILE


def test_nothing_prints_past_the_one_writer() -> None:
    past = [
        f"{name_of(path)}:{node.lineno}: {ast.unparse(node.func)}"
        for path in modules("bridge")
        if name_of(path) not in WRITERS
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.Call) and _is_print(node.func)
    ]
    assert past == []
    assert all((ROOT / name).is_file() for name in WRITERS)


def _is_print(function: ast.expr) -> bool:
    name = ast.unparse(function)
    return name in ("print", "click.echo", "click.secho", "click.confirm", "click.prompt", "getpass.getpass") or bool(
        re.fullmatch(r"sys\.(__)?std(out|err)(__)?(\.buffer)?\.(write|writelines)", name)
    )
