"""What people set: people, guilds, styles, drafts. Prompts are searched without regard to case."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("opted_out", sa.Boolean, nullable=False),
        sa.Column("updated_at", sa.Double, nullable=False),
    )
    op.create_index("people_updated", "people", ["updated_at"])
    op.create_table(
        "guilds",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("updated_at", sa.Double, nullable=False),
    )
    op.create_index("guilds_updated", "guilds", ["updated_at"])
    op.create_table(
        "styles",
        sa.Column("scope", sa.String(8), primary_key=True),
        sa.Column("owner_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
    )
    op.create_index("drafts_created", "drafts", ["created_at"])
    jobs = sa.table("jobs", sa.column("id", sa.String), sa.column("prompt", sa.Text))
    for job_id, prompt in op.get_bind().execute(sa.select(jobs.c.id, jobs.c.prompt)).all():
        if prompt != prompt.casefold():
            op.execute(sa.update(jobs).where(jobs.c.id == job_id).values(prompt=prompt.casefold()))
