"""What imports bring to the application: their pages, their jobs, their command."""

from __future__ import annotations

from webapp.core.area import Area
from webapp.core.holdings import IMPORT_HOLDINGS
from webapp.core.imports.erasing import KEEPER
from webapp.core.imports.pages import pages
from webapp.core.imports.work import CHECK, WRITE

area = Area(name="imports", pages=(pages,), kinds=(CHECK, WRITE), holdings=IMPORT_HOLDINGS, keeper=KEEPER)
