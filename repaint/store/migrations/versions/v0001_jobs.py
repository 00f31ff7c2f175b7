"""The first tables: jobs, turns, leases, facts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(32)),
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
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("has_folder", sa.Boolean, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_index("jobs_interaction", "jobs", ["interaction_id"], unique=True)
    op.create_index("jobs_request", "jobs", ["request_id"], unique=True)
    op.create_index("jobs_submitted", "jobs", ["submitted_at"])
    op.create_index("jobs_ended", "jobs", ["ended_at"])
    op.create_index("jobs_of_member", "jobs", ["user_id", "created_at"])
    op.create_index("jobs_of_guild", "jobs", ["guild_id", "created_at"])
    partial("jobs_unfinished_of_owner", "jobs", ["owner"], "ended_at IS NULL")
    partial("jobs_unfinished_of_member", "jobs", ["user_id", "fair_key", "place"], "ended_at IS NULL")
    partial("jobs_unfinished_of_guild", "jobs", ["guild_id", "created_at"], "ended_at IS NULL")
    partial("jobs_unfinished_by_age_of_member", "jobs", ["user_id", "created_at"], "ended_at IS NULL")
    partial(
        "jobs_finished_of_member",
        "jobs",
        ["user_id", "created_at", "id"],
        "state = 'done' AND ended_at IS NOT NULL",
    )
    partial(
        "jobs_waiting",
        "jobs",
        ["fair_key", "place", "created_at", "user_id", "owner"],
        "state = 'queued' AND NOT claimed",
    )
    partial(
        "jobs_waiting_of_owner",
        "jobs",
        ["owner", "fair_key", "user_id"],
        "state = 'queued' AND NOT claimed",
    )
    partial("jobs_claimed", "jobs", ["user_id", "fair_key", "submitted_at"], "claimed")
    partial("jobs_with_folder", "jobs", ["ended_at"], "has_folder")
    partial("jobs_with_token", "jobs", ["created_at"], "token IS NOT NULL")
    op.create_table(
        "turns",
        sa.Column("fair_key", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("virtual", sa.Double, nullable=False),
        sa.Column("begun", sa.Double, nullable=False),
        sa.Column("served", sa.Double, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
    )
    op.create_index("turns_begun", "turns", ["begun"])
    partial("turns_waiting", "turns", ["virtual", "fair_key"], "waiting")
    op.create_table(
        "leases",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
    )
    op.create_table(
        "facts",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )


def partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
