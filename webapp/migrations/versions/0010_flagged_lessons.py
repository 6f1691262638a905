"""an index for the flagged lessons of a company: every page counts them, the reviewers' queue goes along them."""

from alembic import op

revision = "0010"
down_revision = "0009"
NAME = "ix_personal_lessons_company_flagged"


def upgrade():
    op.create_index(NAME, "personal_lessons", ["company_id", "state", "flagged", "lesson_id", "person_id"])


def downgrade():
    op.drop_index(NAME, "personal_lessons")
