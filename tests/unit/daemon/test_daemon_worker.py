"""What a request means for a plan, and how the worker's state moves on."""

from __future__ import annotations

import pytest

from bridge.core.errors import UserError, WorkFailed
from bridge.daemon.build_outcomes import KEPT, BuildOutcome
from bridge.daemon.worker.activity_board import ActivityBoard
from bridge.daemon.worker.requests import Activity, ApprovedPlan, BuildRequest, RequestOptions
from bridge.daemon.worker.select import Selection, select
from bridge.daemon.worker.work_state import WorkState
from bridge.operations.plan import WantedOrder
from bridge.plan.model import Action, AssetPlan, Plan

BROKEN = UserError("spec_invalid", "a mistake")
PLAN = Plan(
    (
        AssetPlan("art/gone", "sprite", Action.ORPHAN),
        AssetPlan("art/new", "sprite", Action.CREATE),
        AssetPlan("art/same", "sprite", Action.NONE),
    ),
    (BROKEN,),
)
NOTHING = RequestOptions()


def test_a_request_for_all_means_all_and_hears_of_broken_specs() -> None:
    assert select(BuildRequest(1, None), PLAN, {"art/new"}) == Selection(None, (BROKEN,))


def test_a_request_for_some_means_those_alone() -> None:
    assert select(BuildRequest(1, ("art/same",)), PLAN, {"art/new"}) == Selection(("art/same",), ())


def test_what_follows_a_change_is_what_is_stale_and_what_was_looked_at() -> None:
    request = BuildRequest(1, None, follows=True)
    assert select(request, PLAN, {"art/same"}) == Selection(("art/new", "art/same"), (BROKEN,))
    assert select(request, Plan(), set()) == Selection((), ())


def test_another_plan_than_the_approved_one_is_not_built() -> None:
    options = RequestOptions(ApprovedPlan("other"))
    with pytest.raises(UserError) as refused:
        select(BuildRequest(1, None, options), PLAN, set())
    assert refused.value.code == "plan_changed"
    right = RequestOptions(ApprovedPlan(PLAN.digest))
    assert select(BuildRequest(1, None, right), PLAN, set()).ids is None
    repeat = RequestOptions(ApprovedPlan("other"), only=frozenset({WantedOrder("art/rock", "image/1", "f")}))
    assert select(BuildRequest(1, ("art/new",), repeat), PLAN, set()).ids == ("art/new",)


def test_a_state_never_changes() -> None:
    state = WorkState()
    moved = state.with_request(("a",), NOTHING, follows=False)
    assert (state, state.waiting) == (WorkState(), {})
    assert moved.activities == {"a": Activity("queued")}
    assert moved.waiting == {1: BuildRequest(1, ("a",))}


def test_what_waits_for_all_is_known_and_what_runs_does_not_count() -> None:
    board = ActivityBoard()
    following = board.add_request(None, NOTHING, follows=True)
    assert board.state.has_waiting_build_of_all(follows=True)
    assert not board.state.has_waiting_build_of_all(follows=False)
    board.begin_request(following)
    assert not board.state.has_waiting_build_of_all(follows=True)
    board.add_request(None, RequestOptions(force=True), follows=False)
    assert not board.state.has_waiting_build_of_all(follows=True)
    board.add_request(None, NOTHING, follows=False)
    assert board.state.has_waiting_build_of_all(follows=False)


def test_a_request_for_a_cancelled_asset_alone_is_dropped() -> None:
    board = ActivityBoard()
    alone = board.add_request(("a",), NOTHING, follows=False)
    both = board.add_request(("a", "b"), NOTHING, follows=False)
    board.cancel_asset("a")
    with pytest.raises(WorkFailed):
        board.check_wanted("a")
    assert board.finish_cancelling("a")
    assert not board.begin_request(alone)
    board.end_request(alone, BuildOutcome())
    assert board.begin_request(both)
    assert board.state.cancelled == {"a"}
    board.end_request(both, BuildOutcome())
    board.check_wanted("a")
    assert board.state.dropped == frozenset()


def test_cancelling_an_idle_asset_is_forgotten() -> None:
    board = ActivityBoard()
    board.cancel_asset("a")
    assert not board.finish_cancelling("a")
    board.check_wanted("a")


def test_after_a_request_only_what_waits_is_queued() -> None:
    board = ActivityBoard()
    first = board.add_request(("a", "b"), NOTHING, follows=False)
    board.add_request(("b",), NOTHING, follows=False)
    board.begin_request(first)
    board.note_activity("a", Activity("building", 0.5))
    board.note_activity("c", Activity("building", 0.5))
    board.end_request(first, BuildOutcome())
    assert board.state.activities == {"b": Activity("queued")}


def test_changed_files_are_taken_once_and_any_means_all() -> None:
    board = ActivityBoard()
    board.add_changed_files(frozenset({"a"}))
    board.add_changed_files(frozenset({"b"}))
    assert board.take_changed_files() == frozenset({"a", "b"})
    board.add_changed_files(None)
    board.add_changed_files(frozenset({"b"}))
    assert board.take_changed_files() is None
    assert board.take_changed_files() == frozenset()


def test_only_the_last_outcomes_are_kept() -> None:
    board = ActivityBoard()
    requests = [board.add_request(None, NOTHING, follows=False) for _ in range(KEPT + 2)]
    assert board.outcome_of(1) is None
    for request in requests:
        board.end_request(request, BuildOutcome())
    assert list(board.state.outcomes) == [3, 4, 5, 6]
    with pytest.raises(UserError):
        board.outcome_of(2)
    assert board.outcome_of(6) == BuildOutcome()
