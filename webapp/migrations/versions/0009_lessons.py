"""persons with their surveys; courses, lessons, templates and what was written for each learner."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from webapp.core.db.migrate import protect

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=40)
revision = "0009"
down_revision = "0008"
TABLES = (
    "personal_lesson_versions",
    "template_versions",
    "personal_lessons",
    "lesson_turns",
    "lesson_proposals",
    "lesson_attempts",
    "surveys",
    "lessons",
    "persons",
    "courses",
)


def tenants(table, *parts):
    op.create_table(
        table,
        *parts,
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_company_id"), table, ["company_id"])


def upgrade():
    tenants(
        "courses",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("voice", sa.Text(), nullable=False),
        sa.Column("required_words", JSON, nullable=False),
        sa.Column("banned_words", JSON, nullable=False),
        sa.Column("lengths", JSON, nullable=False),
        sa.Column("basic_allowed", sa.Boolean(), nullable=False),
        sa.Column("serve_unreviewed", sa.Boolean(), nullable=False),
        sa.Column("nightly", sa.Boolean(), nullable=False),
        sa.Column("voice_hash", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_courses_company_id_key")),
    )
    op.create_index("ix_courses_by_name", "courses", ["company_id", "name_key", "id"])
    op.create_index("ix_courses_by_updated_at", "courses", ["company_id", "updated_at", "id"])
    tenants(
        "persons",
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("identifier_key", KEY, nullable=False),
        sa.Column("email_key", KEY, nullable=False),
        sa.UniqueConstraint("company_id", "identifier", name=op.f("uq_persons_company_id_identifier")),
    )
    op.create_index("ix_persons_by_email", "persons", ["company_id", "email_key", "id"])
    op.create_index("ix_persons_by_identifier", "persons", ["company_id", "identifier_key", "id"])
    op.create_index("ix_persons_by_name", "persons", ["company_id", "name_key", "id"])
    op.create_index("ix_persons_by_updated_at", "persons", ["company_id", "updated_at", "id"])
    tenants(
        "lessons",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("template", JSON, nullable=False),
        sa.Column("template_number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("title_key", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_lessons_course_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("course_id", "lesson_number", name=op.f("uq_lessons_course_id_lesson_number")),
    )
    op.create_index("ix_lessons_by_number", "lessons", ["company_id", "lesson_number", "id"])
    op.create_index("ix_lessons_by_title", "lessons", ["company_id", "title_key", "id"])
    op.create_index("ix_lessons_by_updated_at", "lessons", ["company_id", "updated_at", "id"])
    tenants(
        "surveys",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_surveys_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("person_id", name=op.f("uq_surveys_person_id")),
    )
    tenants(
        "lesson_attempts",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("strategy", WORD, nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_attempts_lesson_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_lesson_attempts_person_id"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_lesson_attempts_person_id"), "lesson_attempts", ["person_id"])
    op.create_index("ix_lesson_attempts_lesson_at", "lesson_attempts", ["lesson_id", "at"])
    tenants(
        "lesson_proposals",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_proposals_lesson_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_lesson_proposals_person_id"), ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_lesson_proposals_company_kind", "lesson_proposals", ["company_id", "kind", "created_at"]
    )
    op.create_index("ix_lesson_proposals_lesson_kind", "lesson_proposals", ["lesson_id", "kind"])
    op.create_index("ix_lesson_proposals_pair", "lesson_proposals", ["person_id", "lesson_id", "kind"])
    tenants(
        "lesson_turns",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_turns_lesson_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_lesson_turns_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("person_id", "lesson_id", name=op.f("uq_lesson_turns_person_id_lesson_id")),
    )
    tenants(
        "personal_lessons",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("sections", JSON, nullable=False),
        sa.Column("strategy", WORD, nullable=False),
        sa.Column("template_number", sa.Integer(), nullable=False),
        sa.Column("survey_hash", sa.String(length=32), nullable=False),
        sa.Column("voice_hash", sa.String(length=32), nullable=False),
        sa.Column("prompt_version", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("taken_up", JSON, nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reviewed_by", sa.String(length=200), nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("accepted", sa.String(length=500), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_personal_lessons_lesson_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_personal_lessons_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("person_id", "lesson_id", name=op.f("uq_personal_lessons_person_id_lesson_id")),
    )
    op.create_index("ix_personal_lessons_company_state", "personal_lessons", ["company_id", "state"])
    op.create_index(
        "ix_personal_lessons_lesson_state", "personal_lessons", ["lesson_id", "state", "person_id"]
    )
    tenants(
        "template_versions",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sections", JSON, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_template_versions_lesson_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("lesson_id", "number", name=op.f("uq_template_versions_lesson_id_number")),
    )
    tenants(
        "personal_lesson_versions",
        sa.Column("personal_lesson_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["personal_lesson_id"],
            ["personal_lessons.id"],
            name=op.f("fk_personal_lesson_versions_personal_lesson_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "personal_lesson_id", "number", name=op.f("uq_personal_lesson_versions_personal_lesson_id_number")
        ),
    )

    protect(op, *TABLES)


def downgrade():
    for table in TABLES:
        op.drop_table(table)
