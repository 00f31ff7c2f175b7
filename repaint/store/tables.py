"""The tables. `migrations` makes them; a test holds the two together.

All moments are seconds since the epoch. Column and index names are the same in both databases.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

# A job that a place at the API is to be found for. Written out, not bound: a partial index is only used where
# the query says the same words.
WAITING = "state = 'queued' AND NOT claimed"
UNFINISHED = "ended_at IS NULL"
CLAIMED = "claimed"
FINISHED = "state = 'done' AND ended_at IS NOT NULL"
HAS_FOLDER = "has_folder"


def _partial(name: str, *columns: str, where: str) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("owner", sa.String(32)),  # the lease of the process that works on it
    sa.Column("claimed", sa.Boolean, nullable=False),
    sa.Column("fair_key", sa.BigInteger, nullable=False),
    sa.Column("guild_id", sa.BigInteger),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("interaction_id", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("queued_at", sa.Double),
    sa.Column("submitted_at", sa.Double),
    sa.Column("unknown_at", sa.Double),
    sa.Column("ended_at", sa.Double),
    sa.Column("place", sa.Double),
    sa.Column("work", sa.Double, nullable=False),
    sa.Column("request_id", sa.Text),
    sa.Column("prompt", sa.Text, nullable=False),  # folded, to be searched; the document has it to the letter
    sa.Column("token", sa.Text),  # sealed; NULL when it is dead
    sa.Column("has_folder", sa.Boolean, nullable=False),  # its pictures may still lie on the disk
    sa.Column("document", sa.JSON, nullable=False),  # all the rest of a job
    sa.Index("jobs_interaction", "interaction_id", unique=True),
    sa.Index("jobs_request", "request_id", unique=True),
    sa.Index("jobs_submitted", "submitted_at"),
    sa.Index("jobs_ended", "ended_at"),
    sa.Index("jobs_of_member", "user_id", "created_at"),
    sa.Index("jobs_of_guild", "guild_id", "created_at"),
    _partial("jobs_unfinished_of_owner", "owner", where=UNFINISHED),
    _partial("jobs_unfinished_of_member", "user_id", "fair_key", "place", where=UNFINISHED),
    _partial("jobs_unfinished_of_guild", "guild_id", "created_at", where=UNFINISHED),
    _partial("jobs_unfinished_by_age_of_member", "user_id", "created_at", where=UNFINISHED),
    _partial("jobs_finished_of_member", "user_id", "created_at", "id", where=FINISHED),
    _partial("jobs_waiting", "fair_key", "place", "created_at", "user_id", "owner", where=WAITING),
    _partial("jobs_waiting_of_owner", "owner", "fair_key", "user_id", where=WAITING),
    _partial("jobs_claimed", "user_id", "fair_key", "submitted_at", where=CLAIMED),
    _partial("jobs_with_folder", "ended_at", where=HAS_FOLDER),
    _partial("jobs_with_token", "created_at", where="token IS NOT NULL"),
)

# Whose turn it is among the servers, in the virtual time of start-time fair queueing (Goyal et al., 1996).
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("fair_key", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("virtual", sa.Double, nullable=False),  # when its next turn begins
    sa.Column(
        "begun", sa.Double, nullable=False
    ),  # when its last turn began; the largest of all is the present
    sa.Column("served", sa.Double, nullable=False),  # the largest place in it that had its turn
    sa.Column("waiting", sa.Boolean, nullable=False),  # it may have waiting jobs; if not, it surely has none
    sa.Index("turns_begun", "begun"),
    _partial("turns_waiting", "virtual", "fair_key", where="waiting"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("started_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
)

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
)

# What people have set for themselves, and staff for servers. Rows stay: others would not see one go.
people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),  # the user's
    sa.Column("document", sa.JSON, nullable=False),  # `Preferences`
    sa.Column("opted_out", sa.Boolean, nullable=False),  # nobody else may repaint their pictures
    sa.Column("updated_at", sa.Double, nullable=False),
    sa.Index("people_updated", "updated_at"),
)

guilds = sa.Table(
    "guilds",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("document", sa.JSON, nullable=False),  # `GuildSettings`
    sa.Column("updated_at", sa.Double, nullable=False),
    sa.Index("guilds_updated", "updated_at"),
)

styles = sa.Table(
    "styles",
    metadata,
    sa.Column("scope", sa.String(8), primary_key=True),  # member or guild
    sa.Column("owner_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key", sa.String(64), primary_key=True),  # the name without upper case
    sa.Column("document", sa.JSON, nullable=False),  # `Style`
)

# What a form or a list is about that no job has: kept for the time that somebody takes over it.
drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Index("drafts_created", "created_at"),
)
