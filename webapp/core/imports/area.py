"""What imports bring to the application: their pages, their jobs, their command."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.core.holdings import IMPORT_HOLDINGS
from webapp.core.imports.erasing import KEEPER
from webapp.core.imports.models import Import
from webapp.core.imports.pages import pages
from webapp.core.imports.work import CHECK, WRITE
from webapp.core.retention import Kept

KEPT = (
    Kept(
        "imports",
        "Reports of imports",
        "What came in from a file, and what did not.",
        Import,
        Import.created_at,
        365,
    ),
)
area = Area(
    name="imports",
    pages=(pages,),
    kinds=(CHECK, WRITE),
    kept=KEPT,
    holdings=IMPORT_HOLDINGS,
    keeper=KEEPER,
)
