"""Runs migrations under the tables' owner, on the connection handed over or one of its own."""

from alembic import context
from flask import current_app
from sqlalchemy import NullPool, create_engine

import webapp.core.db.unit  # noqa: F401  # its listeners prepare SQLite connections
from webapp.core.db import Model
from webapp.core.db.migrate import grant_to_application, measure

settings = current_app.extensions["atelier"].settings


def run() -> None:
    engine = create_engine(settings.owner_database, poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_as_batch=True,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        measure(connection)
        connection.commit()
        grant_to_application(connection, settings)
    engine.dispose()


run()
