"""Whose job goes to the API next. On both databases."""

import dataclasses
from collections import Counter
from pathlib import Path

import pytest

from repaint.models import Job, JobState
from repaint.store.jobs import JobStore
from repaint.store.queue import RATE_WINDOW, Claim, ClaimLimits
from tests.store.stores import claim, open_store, queued, running


async def order(store: JobStore, limits: ClaimLimits | None = None) -> list[Job]:
    """All that waits, in the order of its turns; each leaves the API before the next is claimed."""
    found: list[Job] = []
    while (job := await claim(store, limits or ClaimLimits())) is not None:
        await store.release(job.id)
        await store.advance(job.id, JobState.QUEUED, state=JobState.FAILED, ended_at=1.0)
        found.append(job)
    return found


async def test_one_members_jobs_go_in_their_order(store: JobStore) -> None:
    jobs = [await queued(store) for _ in range(5)]
    assert [job.id for job in await order(store)] == [job.id for job in jobs]


async def test_nothing_waits_nothing_is_claimed(store: JobStore) -> None:
    assert await store.claim(ClaimLimits(), 1.0) == Claim(None, None)


async def test_fifty_jobs_of_one_member_do_not_delay_anothers_first(store: JobStore) -> None:
    for _ in range(50):
        await queued(store, user=1)
    for _ in range(3):
        await claim(store)
    first = await queued(store, user=2)
    second = await queued(store, user=2)
    assert await store.position(first) <= 2
    turns = [job.id for job in await order(store)]
    assert turns.index(first.id) <= 1
    assert turns.index(second.id) <= 3


async def test_fifty_jobs_of_a_held_back_member_do_not_delay_anothers_first(store: JobStore) -> None:
    """The others of the server went on meanwhile: the newcomer does not stand behind all that."""
    limits = ClaimLimits(per_member=2)
    for _ in range(50):
        await queued(store, user=1)
    assert await claim(store, limits)
    assert await claim(store, limits)
    for _ in range(20):
        await queued(store, user=2)
        job = await claim(store, limits)
        assert job is not None
        await store.advance(job.id, JobState.QUEUED, state=JobState.FAILED, ended_at=1.0)
    newcomer = await queued(store, user=3)
    assert [job.id for job in await order(store)].index(newcomer.id) <= 1


async def test_members_alternate_from_when_the_later_one_came(store: JobStore) -> None:
    for _ in range(40):
        await queued(store, user=1)
    for _ in range(20):
        assert await claim(store)
    for _ in range(20):
        await queued(store, user=2)
    members = Counter(job.origin.user_id for job in (await order(store))[:20])
    assert abs(members[1] - members[2]) <= 1


async def test_and_so_where_nobody_waits_any_more_when_they_come(store: JobStore) -> None:
    for _ in range(20):
        await queued(store, user=1)
        assert await claim(store)
    for user in (2, 1):
        for _ in range(10):
            await queued(store, user=user)
    members = Counter(job.origin.user_id for job in (await order(store))[:10])
    assert members == {1: 5, 2: 5}


async def test_servers_alternate(store: JobStore) -> None:
    for guild in (1, 2, 3):
        for user in range(5):
            await queued(store, guild=guild, user=10 * guild + user)
    guilds = [job.origin.guild_id for job in await order(store)]
    assert all(set(guilds[start : start + 3]) == {1, 2, 3} for start in range(0, 15, 3))


async def test_a_server_with_larger_jobs_has_fewer_turns(store: JobStore) -> None:
    for _ in range(12):
        await queued(store, guild=1, work=3.0)
        await queued(store, guild=2, work=1.0)
    first = Counter(job.origin.guild_id for job in (await order(store))[:12])
    assert first == {1: 3, 2: 9}


async def test_direct_messages_are_one_server(store: JobStore) -> None:
    for user in range(6):
        await queued(store, guild=None, user=user)
        await queued(store, guild=9, user=user)
    guilds = [job.origin.guild_id for job in await order(store)]
    assert Counter(guilds[:6]) == {None: 3, 9: 3}


async def test_an_idle_server_has_saved_nothing_up(store: JobStore) -> None:
    await queued(store, guild=2)
    assert await order(store)
    for _ in range(40):
        await queued(store, guild=1)
    for _ in range(20):
        assert await claim(store)
    for _ in range(20):
        await queued(store, guild=2)
    first = Counter(job.origin.guild_id for job in (await order(store))[:20])
    assert abs(first[1] - first[2]) <= 1


async def test_nor_one_whose_waiting_jobs_were_all_cancelled(store: JobStore) -> None:
    lonely = await queued(store, guild=2)
    await store.end_cancelled(lonely.id, 1, [JobState.QUEUED])
    for _ in range(40):
        await queued(store, guild=1)
    for _ in range(20):
        assert await claim(store)
    for _ in range(20):
        await queued(store, guild=2)
    first = Counter(job.origin.guild_id for job in (await order(store))[:20])
    assert abs(first[1] - first[2]) <= 1


async def test_nor_one_that_its_limits_held_back(store: JobStore) -> None:
    limits = ClaimLimits(per_guild=1)
    held = [await queued(store, guild=2) for _ in range(30)]
    assert (await claim(store, limits)) == dataclasses.replace(held[0], claimed=True)
    for _ in range(40):
        await queued(store, guild=1)
    for _ in range(20):
        job = await claim(store, limits)
        assert job is not None
        assert job.origin.guild_id == 1
        await store.advance(job.id, JobState.QUEUED, state=JobState.FAILED, ended_at=1.0)
    await store.release(held[0].id)
    await store.advance(held[0].id, JobState.QUEUED, state=JobState.FAILED, ended_at=1.0)
    first = Counter(job.origin.guild_id for job in (await order(store))[:20])
    assert abs(first[1] - first[2]) <= 1


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        (ClaimLimits(at_once=3), 3),
        (ClaimLimits(per_guild=1), 2),
        (ClaimLimits(per_member=1), 3),  # members 1 and 2 in both servers, member 3 in one
        (ClaimLimits(per_guild=2, per_member=2), 4),
        (ClaimLimits(per_minute=2), 2),
        (ClaimLimits(), 15),
    ],
)
async def test_limits_hold(store: JobStore, limits: ClaimLimits, most: int) -> None:
    for guild, user in ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3)):
        for _ in range(3):
            await queued(store, guild=guild, user=user)
    claimed = 0
    while await claim(store, limits):
        claimed += 1
    assert claimed == most


async def test_a_member_at_the_limit_holds_back_nobody_else(store: JobStore) -> None:
    limits = ClaimLimits(per_member=1)
    for _ in range(5):
        await queued(store, user=1)
    assert await claim(store, limits)
    assert await claim(store, limits) is None
    other = await queued(store, user=2)
    found = await claim(store, limits)
    assert found is not None
    assert found.id == other.id


async def test_room_that_is_left_is_taken_again(store: JobStore) -> None:
    limits = ClaimLimits(at_once=1)
    first, second = await queued(store), await queued(store)
    assert (await claim(store, limits)) is not None
    assert await claim(store, limits) is None
    await store.advance(first.id, JobState.QUEUED, state=JobState.FAILED)
    found = await claim(store, limits)
    assert found is not None
    assert found.id == second.id


async def test_a_claim_given_back_waits_at_its_old_place(store: JobStore) -> None:
    first, _ = await queued(store), await queued(store)
    job = await claim(store)
    assert job is not None
    assert job.id == first.id
    assert await store.advance(job.id, JobState.QUEUED, claimed=False) == first
    again = await claim(store)
    assert again is not None
    assert again.id == first.id


async def test_requests_a_minute_count_those_on_their_way(store: JobStore) -> None:
    limits = ClaimLimits(per_minute=2)
    now = 5000.0
    await running(store, "req-1", submitted_at=now - RATE_WINDOW + 10)
    await queued(store)
    await queued(store)
    assert (await store.claim(limits, now)).job is not None
    full = await store.claim(limits, now)
    assert full.job is None
    assert full.wait == pytest.approx(1.0 if store.is_shared else 10.0)
    assert (await store.claim(limits, now + 10.1)).job is not None


async def test_all_that_may_be_sent_is_on_its_way(store: JobStore) -> None:
    limits = ClaimLimits(per_minute=1)
    await queued(store)
    await queued(store)
    assert (await store.claim(limits, 5000.0)).job is not None
    found = await store.claim(limits, 5000.0)
    assert found.job is None
    assert found.wait == 1.0


async def test_only_a_shared_database_is_to_be_asked_again_soon(store: JobStore) -> None:
    await queued(store)
    await queued(store)
    limits = ClaimLimits(at_once=1)
    assert (await store.claim(limits, 1.0)).job is not None
    assert (await store.claim(limits, 1.0)).wait == (1.0 if store.is_shared else None)


async def test_the_jobs_of_others_are_not_claimed_but_counted(store: JobStore, folder: Path) -> None:
    other = await open_store(store.database, folder)
    theirs, mine = await queued(store), await queued(other)
    job = await claim(other)
    assert job is not None
    assert job.id == mine.id
    assert await claim(other) is None
    assert await claim(store, ClaimLimits(at_once=1)) is None
    job = await claim(store)
    assert job is not None
    assert job.id == theirs.id


async def test_positions_are_the_order_of_the_turns(store: JobStore) -> None:
    """Exact where all jobs are as much work."""
    jobs = [
        await queued(store, guild=guild, user=user)
        for guild, user, count in ((1, 1, 6), (1, 2, 2), (2, 3, 1), (3, 4, 3), (3, 5, 3))
        for _ in range(count)
    ]
    await claim(store)
    positions = {job.id: await store.position(job) for job in jobs}
    turns = [job.id for job in await order(store)]
    assert [positions[job_id] for job_id in turns] == list(range(1, len(turns) + 1))


async def test_what_is_cancelled_is_not_claimed(store: JobStore) -> None:
    jobs = [await queued(store, guild=guild) for guild in (1, 2, 3)]
    for job in jobs[:2]:
        await store.end_cancelled(job.id, 5, [JobState.QUEUED])
    assert [job.id for job in await order(store)] == [jobs[2].id]
