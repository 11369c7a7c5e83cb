"""Several machines buy the same at once: charged once each, whoever is killed and whatever is cut."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crash.team_machines import (
    ABILITIES,
    SharedShop,
    Task,
    failures_of,
    missing_of,
    run_machines,
)
from tests.s3_server import S3Server, s3_server


def tasks_of(tmp_path: Path, machines: int, wishes: int, ability: str = "knows_keys") -> list[Task]:
    """Machines with a folder as their remote."""
    (tmp_path / "nas").mkdir()
    remote = f"file://{tmp_path}/nas"
    return [
        Task(tmp_path / f"machine{number}", tmp_path / "shop.json", remote, wishes, ability)
        for number in range(machines)
    ]


def over_s3(tasks: list[Task], server: S3Server) -> list[Task]:
    """The same machines with a bucket as their remote."""
    return [replace(task, remote="s3://team/game", env=tuple(server.env.items())) for task in tasks]


def check_once(tasks: list[Task]) -> None:
    """Everything was charged once, and every machine has it."""
    charges = SharedShop(tasks[0].shop).charges()
    assert set(charges.values()) == {1}, charges
    assert len(charges) == tasks[0].wishes
    assert [missing_of(task) for task in tasks] == [[]] * len(tasks)


def test_machines_that_buy_the_same_at_once_buy_it_once(tmp_path: Path) -> None:
    tasks = tasks_of(tmp_path, 3, 6)
    assert run_machines(tasks) == [0, 0, 0]
    assert [failures_of(task) for task in tasks] == [[], [], []]
    check_once(tasks)


POINTS = (
    *("team.claimed", "team.reserved", "job.before_plan", "job.planned", "job.approved", "job.submitting"),
    *("team.sending", "shop.charged", "job.answered", "job.submitted", "team.taken", "job.fetching", "job.fetched"),
    *("job.blob_stored", "job.stored", "job.receipt", "team.shared", "team.taking_over"),
)


def check_never_twice(tasks: list[Task]) -> None:
    """Nothing was charged twice so far."""
    charges = SharedShop(tasks[0].shop).charges()
    assert max(charges.values(), default=0) <= 1, charges


def kill_at(tasks: list[Task], seed: int, rounds: int) -> None:
    """Machines die at points by chance, again and again; then all of them run to their ends."""
    chance = random.Random(seed)
    for _ in range(rounds):
        dying = [
            replace(task, point=f"{chance.choice(POINTS)}:{chance.randint(1, task.wishes)}", shop=task.shop)
            for task in tasks
        ]
        assert set(run_machines(dying)) <= {0, -9}
        check_never_twice(tasks)
    for _ in range(2):
        assert set(run_machines(tasks)) == {0}
        check_never_twice(tasks)


@pytest.mark.parametrize(
    "point",
    [
        "shop.charged:2",
        *(pytest.param(f"{point}:2", marks=pytest.mark.full) for point in POINTS if point != "shop.charged"),
    ],
)
def test_a_dead_machines_orders_are_gone_on_with(tmp_path: Path, point: str) -> None:
    first, second = tasks_of(tmp_path, 2, 3)
    # Nobody is taken over before somebody has died.
    assert run_machines([replace(first, point=point)]) == [0 if point.startswith("team.taking_over") else -9]
    assert run_machines([second]) == [0]
    assert (failures_of(second), missing_of(second)) == ([], [])
    check_never_twice([second])
    assert run_machines([first]) == [0]
    check_once([first, second])


@pytest.mark.full
@pytest.mark.parametrize("ability", sorted(ABILITIES))
@pytest.mark.parametrize("seed", range(4))
def test_machines_that_are_killed_at_random_points_buy_once(tmp_path: Path, ability: str, seed: int) -> None:
    tasks = tasks_of(tmp_path, 3, 6, ability)
    kill_at(tasks, seed, rounds=4)
    if ability == "knows_keys":
        check_once(tasks)
    for task in tasks:
        # Killed between the last word and the first byte: nobody can know, and a person decides.
        assert bool(missing_of(task)) == ("uncertain" in failures_of(task))
        assert set(failures_of(task)) <= {"uncertain"}


def test_machines_whose_requests_are_cut_buy_once_over_s3(tmp_path: Path) -> None:
    with s3_server() as server:
        tasks = over_s3(tasks_of(tmp_path, 2, 3), server)
        cut = [replace(task, cuts=(number, 8)) for number, task in enumerate(tasks)]
        assert set(run_machines(cut)) == {0}
        check_never_twice(tasks)
        for _ in range(2):
            assert set(run_machines(tasks)) == {0}
        assert [failures_of(task) for task in tasks] == [[], []]
        check_once(tasks)


def test_the_budget_of_a_day_holds_across_machines(tmp_path: Path) -> None:
    tasks = [replace(task, per_day=9) for task in tasks_of(tmp_path, 3, 6)]
    for _ in range(2):
        assert set(run_machines(tasks)) == {0}
        # Each costs 3.
        assert sum(SharedShop(tasks[0].shop).charges().values()) == 3
    assert [set(failures_of(task)) for task in tasks] == [{"over_budget"}] * 3


@pytest.mark.full
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_eight_machines_buy_fifty_things_once(tmp_path: Path, kind: str) -> None:
    with s3_server() as server:
        tasks = tasks_of(tmp_path, 8, 50)
        tasks = over_s3(tasks, server) if kind == "s3" else tasks
        assert run_machines(tasks, patience_s=600) == [0] * 8
        assert [failures_of(task) for task in tasks] == [[]] * 8
        check_once(tasks)


@pytest.mark.full
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_eight_machines_that_die_and_are_cut_off_buy_fifty_things_once(tmp_path: Path, kind: str) -> None:
    chance = random.Random(8)
    with s3_server() as server:
        tasks = tasks_of(tmp_path, 8, 50)
        tasks = over_s3(tasks, server) if kind == "s3" else tasks
        for number in range(3):
            dying = [
                replace(
                    task,
                    point=f"{chance.choice(POINTS)}:{chance.randint(1, 12)}" if which % 2 else "",
                    cuts=(number * 8 + which, 3),
                )
                for which, task in enumerate(tasks)
            ]
            assert set(run_machines(dying, patience_s=600)) <= {0, -9}
            check_never_twice(tasks)
        for _ in range(2):
            assert set(run_machines(tasks, patience_s=600)) == {0}
        check_once(tasks)


def test_what_was_refused_on_one_machine_is_not_ordered_by_another(tmp_path: Path) -> None:
    first, second = tasks_of(tmp_path, 2, 1)
    with SharedShop(first.shop).opened() as shop:
        shop.script = ["rejected"]
    assert run_machines([first]) == [0]
    assert failures_of(first) == ["provider_refused"]
    assert run_machines([second]) == [0]
    assert failures_of(second) == ["order_failed"]
    assert not SharedShop(first.shop).charges()
