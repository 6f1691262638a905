"""What an experiment found at its stop, kept as it was then."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
revision = "0018"
down_revision = "0017"


def upgrade():
    op.add_column("experiments", sa.Column("concluded", JSON, nullable=False, server_default="{}"))


def downgrade():
    with op.batch_alter_table("experiments") as table:
        table.drop_column("concluded")
