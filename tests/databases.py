"""Migrated databases for tests: a file copied for each, or a PostgreSQL database made from a template."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.cluster import Cluster

Maker = Callable[[], AbstractContextManager[dict[str, str]]]
ROOT = Path(__file__).parent.parent
OWNER, APPLICATION = "atelier_owner", "atelier_app"


@contextmanager
def maker(folder: Path) -> Iterator[Maker]:
    """Yield a maker of databases on the engine that ATELIER_TEST_DATABASE names (sqlite by default)."""
    if os.environ.get("ATELIER_TEST_DATABASE", "sqlite") == "postgres":
        with Cluster(folder / "cluster") as cluster:
            yield _postgres(cluster)
    else:
        yield _sqlite(folder)


def _sqlite(folder: Path) -> Maker:
    template = folder / "template.db"
    _migrate({"DATABASE_URL": f"sqlite:///{template}", "INSTANCE_PATH": str(folder / "instance")})

    @contextmanager
    def make() -> Iterator[dict[str, str]]:
        copy = folder / f"{uuid4().hex}.db"
        shutil.copyfile(template, copy)
        yield {"database_url": f"sqlite:///{copy}"}
        for path in folder.glob(f"{copy.name}*"):
            path.unlink()

    return make


def _postgres(cluster: Cluster) -> Maker:
    """The owner migrates a template once; the application works under a role that owns nothing."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {OWNER} LOGIN")
        admin.execute(f"CREATE ROLE {APPLICATION} LOGIN")
        admin.execute(f"CREATE DATABASE template_atelier OWNER {OWNER}")
    owner, application = (cluster.url("template_atelier", role) for role in (OWNER, APPLICATION))
    _migrate(
        {"DATABASE_URL": application, "DATABASE_OWNER_URL": owner, "INSTANCE_PATH": str(cluster.folder / "i")}
    )

    @contextmanager
    def make() -> Iterator[dict[str, str]]:
        name = f"t{uuid4().hex}"
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE template_atelier OWNER {OWNER}")
        yield {"database_url": cluster.url(name, APPLICATION), "database_owner_url": cluster.url(name, OWNER)}
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    return make


def _migrate(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "app", "db", "upgrade", "-d", "webapp/migrations"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment, "ATELIER_ENV": "test"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the migrations failed:\n{done.stdout}\n{done.stderr}")
