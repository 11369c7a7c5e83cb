"""How long anything waits, and how often anything is tried: every limit of the program in one place.

docs/reference/waits.md is generated from the tables here, and a test finds every loop and wait that stands in neither.
"""

from __future__ import annotations

from typing import NamedTuple

# Results that come damaged.
MOST_DAMAGED_ARRIVALS = 5
FIRST_WAIT_AFTER_DAMAGE_S = 1.0
# Version control: how long it has to rest, how old a lock of its may be, and how long a build waits to save its lock.
GIT_REST_S = 0.15
GIT_LOCK_BELIEVED_S = 600.0
GIT_SAVE_WAIT_S = 10.0
# What git is asked by its own program.
GIT_ANSWER_S = 10.0
# Other takes that `reroll` looks at until one looks different.
MOST_TAKES_TRIED = 8
# How long a provider is asked whether it has what is to be adopted.
ADOPTION_PATIENCE_S = 30.0
# A job that is older than a run waits for one: how long it is looked at before the run goes on without it.
LATE_JOB_PATIENCE_S = 10.0
# The team's store: one request with all its tries, its connection, and how often it is tried again.
REMOTE_REQUEST_S = 30.0
REMOTE_CONNECT_S = 5.0
MOST_REMOTE_RETRIES = 3
# How long a claim holds without a sign of life of who made it, how often one is given, and the pause between two looks
# of those who wait. Clocks of two machines may differ by so much.
CLAIM_LEASE_S = 300.0
BEATS_PER_LEASE = 4
CLAIM_POLL_S = 0.5
CLAIM_POLL_MOST_S = 5.0
# So often a second at most all who wait in one run look together: they must not hold up those who order.
CLAIM_POLLS_PER_S = 5.0
CLOCK_SKEW_S = 60.0
# How long a build waits for an order of another machine that is alive, before it goes on without it.
CLAIM_PATIENCE_S = 1800.0
# How long it is remembered that the team's store has no such thing, or cannot be reached.
REMOTE_MEMORY_S = 30.0
# How long the end of a run waits for results that are on their way into the team's store.
SHARING_GRACE_S = 120.0
# What takes longer to move there or from there is told about, and again after as long.
TRANSFER_TOLD_S = 3.0
STOPPED_SHARING_S = 5.0
# How often a claim or a line in the books of the team is tried to be the next one.
MOST_RACES = 200
# How long threads that were told to end are waited for: they are no reason to hang.
THREAD_END_S = 10.0


class WaitLimit(NamedTuple):
    """A loop without an end of its own, or a wait. function: with its module; limit: what ends it, for people."""

    function: str
    waits_for: str
    limit: str


_UNTIL_STOPPED = "until it is told to end; asked at least once a second"
_NEXT = "each turn takes something away or ends it"
WAIT_LIMITS: tuple[WaitLimit, ...] = (
    # a build
    WaitLimit("bridge/build/draw_pool.py:_end_with_parent", "the end of the process that it draws for", "that end"),
    WaitLimit("bridge/build/project_moment.py:ProjectMoment.wait_for_git", "git, before the lock is written", "10 s"),
    WaitLimit("bridge/build/purchase.py:Purchases._build_one", "other tasks, for one turn", "one turn"),
    WaitLimit(
        "bridge/build/purchase.py:Purchases._buy_step", "an order that fails", "`retries` of the spec, in a budget"
    ),
    WaitLimit(
        "bridge/project.py:Project.owned", "another process that works on the project", "2 s, or as long as said"
    ),
    # orders
    WaitLimit("bridge/orders/adoption.py:_require_there", "the provider of what is adopted", "30 s a question"),
    WaitLimit("bridge/orders/adoption.py:_tell_what_it_is", "the lists of an account", "30 s"),
    WaitLimit("bridge/orders/balances.py:ask_provider", "a balance", "5 s"),
    WaitLimit("bridge/orders/cancel.py:_ask_one_to_stop", "a provider that is told to stop a job", "5 s"),
    WaitLimit("bridge/orders/cancel.py:_wait_until_sent", "an order on the wire that is to be cancelled", "5 s"),
    WaitLimit("bridge/orders/decisions.py:cancel_job", "an order that is on the wire", "5 s"),
    WaitLimit(
        "bridge/orders/runner/runner.py:Runner._price_request",
        "orders of this build that decide over the unit of the next one",
        "as long as these are waited for",
    ),
    WaitLimit(
        "bridge/orders/runner/collect.py:Collector.wait_until_finished",
        "a job that runs at a provider",
        "`patience` of the provider (30 min); 10 s for one that is older",
    ),
    WaitLimit(
        "bridge/orders/runner/collect.py:Collector.fetch_result",
        "a result that is not there yet",
        "`patience`; 10 s for a job that is older",
    ),
    WaitLimit(
        "bridge/orders/runner/collect.py:Collector._fetch_once", "a result that came damaged", "5 times, 15 s in all"
    ),
    WaitLimit(
        "bridge/orders/runner/collect.py:Collector.fetch_again", "a result that came damaged", "5 times, 15 s in all"
    ),
    WaitLimit(
        "bridge/orders/runner/rate_limit.py:RateLimiter.before_request", "the provider's rate limit", "an hour at most"
    ),
    WaitLimit("bridge/orders/runner/recovery.py:find_lost", "lists that show a lost order", "2 looks, 30 s apart"),
    WaitLimit(
        "bridge/orders/runner/runner.py:Runner._carry",
        "jobs at the same provider that were there first",
        "each of them ends by its own limit",
    ),
    WaitLimit("bridge/orders/runner/rate_limit.py:JobSlots.acquire", "a job that ends", "as for the jobs before it"),
    WaitLimit(
        "bridge/orders/runner/submit.py:Submitter.wait_for_exchanges", "requests that are out when a run stops", "200 s"
    ),
    WaitLimit("bridge/orders/runner/submit.py:Submitter._hear_balance", "what is left, before an order", "5 s"),
    WaitLimit(
        "bridge/orders/runner/submit.py:Submitter._wait_for_next",
        "the next sending of an order that was not taken",
        "6 sendings, 3 without a connection, and `patience`",
    ),
    WaitLimit(
        "bridge/orders/runner/runner.py:Runner._wait_for_sharing",
        "results on their way into the team's store",
        "120 s, 5 s for a run that is stopped; the next build goes on with it",
    ),
    WaitLimit(
        "bridge/orders/runner/team.py:TeamOrders._hold",
        "an order that another machine has claimed",
        "30 min; a machine that gives no sign of life is waited for 5 min",
    ),
    WaitLimit(
        "bridge/orders/runner/team.py:TeamOrders._keep_beating", "the next sign of life", "until the run ends it"
    ),
    WaitLimit(
        "bridge/orders/runner/team.py:TeamOrders._keep_telling",
        "what could not be written to the team's store",
        "until the run ends it",
    ),
    WaitLimit("bridge/orders/upload.py:upload_picture", "the user's upload command", "120 s"),
    WaitLimit("bridge/orders/webhooks/hints.py:Hints.pause", "the next look at a job", "the pause before that look"),
    WaitLimit("bridge/orders/webhooks/trial.py:_post_and_wait", "a trial of the public address", "5 s"),
    WaitLimit("bridge/orders/webhooks/receiver.py:serve_hints", "the end of the receiver", "5 s"),
    WaitLimit("bridge/http/waits.py:retry_while_temporary", "another try of a free request", "4 tries, 120 s each"),
    # decoders
    WaitLimit("bridge/media/audio.py:encode_ogg", "the encoder's process", "120 s"),
    WaitLimit("bridge/providers/*/sound.py:decoded", "the decoder's process", "120 s"),
    # files
    WaitLimit("bridge/core/folder_entry.py:_replace", "a file that another program holds (Windows)", "2.5 s"),
    WaitLimit(
        "bridge/core/root_folder.py:RootFolder._settle_names", "the other name of a file that is being begun", "0.4 s"
    ),
    WaitLimit(
        "bridge/core/process_lock.py:ProcessLock.acquire", "another process that holds a lock", "as its caller says"
    ),
    WaitLimit("bridge/core/programs.py:run_program", "the end of a program", "as its caller says; then it is killed"),
    WaitLimit("bridge/core/git_programs.py:run_git", "the answer of git", "10 s"),
    WaitLimit("bridge/trust/record.py:_edit_records", "another command that writes down trust", "10 s"),
    WaitLimit("bridge/core/sqlite.py:use_wal", "a database that is being opened elsewhere", "10 s"),
    WaitLimit("bridge/__main__.py:_interrupt_soon", "an interrupt that came inside a finalizer", "1 ms"),
    WaitLimit("bridge/core/clock.py:SystemClock.sleep", "as long as its caller says", "that of its caller"),
    # the daemon
    WaitLimit("bridge/cli/remote_build.py:approve_build", "a plan that holds still", "5 tries"),
    WaitLimit("bridge/daemon/events.py:EventLog.poll", "the next event", "60 s"),
    WaitLimit("bridge/daemon/events.py:EventLog.wait", "the next event", "as long as its caller says"),
    WaitLimit(
        "bridge/daemon/events.py:EventLog.stream", "the next event", "a heartbeat every 15 s, until the reader ends"
    ),
    WaitLimit("bridge/daemon/process/control.py:start_daemon", "a daemon that starts", "20 s"),
    WaitLimit("bridge/daemon/process/control.py:_start_process", "a daemon that starts", "20 s"),
    WaitLimit("bridge/daemon/process/control.py:find_daemon", "a daemon that does not answer", "5 s"),
    WaitLimit("bridge/daemon/process/control.py:stop_daemon", "a daemon that ends", "40 s"),
    WaitLimit("bridge/daemon/process/presence.py:hold_daemon_lock", "the lock of the daemon", "0.5 s"),
    WaitLimit("bridge/daemon/process/presence.py:is_lock_held", "the lock of the daemon", "not at all"),
    WaitLimit("bridge/daemon/process/home.py:HomeWatch.stop", "its thread", "2 s"),
    WaitLimit(
        "bridge/daemon/process/home.py:HomeWatch._run", "the next look at the folder", "until the daemon ends it"
    ),
    WaitLimit("bridge/daemon/process/presence.py:_record_for_user", "another daemon's note", "5 s"),
    WaitLimit("bridge/daemon/process/serve.py:DaemonServer.main_loop", "the end of the daemon", _UNTIL_STOPPED),
    WaitLimit("bridge/daemon/worker/project_owner.py:ProjectOwner.owned", "a command line that builds", "30 s"),
    WaitLimit("bridge/daemon/worker/save_watcher.py:SaveWatcher.stop", "its thread", "2 s"),
    WaitLimit("bridge/daemon/worker/save_watcher.py:SaveWatcher._run", "the first look", "until the daemon ends it"),
    WaitLimit(
        "bridge/daemon/worker/save_watcher.py:SaveWatcher._watch",
        "saved files, and git that rests",
        "5 s, then it looks whether it is to end",
    ),
    WaitLimit(
        "bridge/daemon/worker/save_watcher.py:SaveWatcher._wait_for_git",
        "git",
        "until it rests (a lock is believed for 10 min), or the daemon ends",
    ),
    WaitLimit(
        "bridge/daemon/worker/worker.py:BuildWorker._next_request", "the next request", "until the daemon ends it"
    ),
    WaitLimit("bridge/daemon/worker/worker.py:BuildWorker.stop", "what is built when the daemon ends", "30 s"),
    # watching
    WaitLimit(
        "bridge/watch/loop.py:WatchLoop._follow_changes", "saved files, and git that rests", "until it is told to end"
    ),
    WaitLimit("bridge/watch/loop.py:WatchLoop._next_changes", "saved files", "1 s, then it looks whether it is to end"),
    WaitLimit(
        "bridge/watch/watcher.py:Watcher._run", "events of the system", "60 s at most, then everything is looked at"
    ),
    WaitLimit("bridge/watch/watcher.py:Watcher.stop", "its thread", "10 s"),
    WaitLimit("bridge/watch/watcher.py:Watcher._end_observer", "the observer's thread", "10 s"),
    # texts
    WaitLimit("bridge/core/toml.py:_Scanner._read_keys", "the end of a key", _NEXT),
    WaitLimit("exporters/godot/uid.py:uid_text", "the last digit", _NEXT),
    WaitLimit("exporters/godot/values.py:_read_list", "the end of a list", _NEXT),
    WaitLimit("exporters/godot/values.py:_read_dict", "the end of a dictionary", _NEXT),
)
