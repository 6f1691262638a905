"""Products: what the company sells to other businesses."""

from webapp.core.audit import AuditAction
from webapp.core.catalog import Catalog
from webapp.core.tables import Column, Listing
from webapp.personas.models import Product

PRODUCTS = Catalog(
    model=Product,
    noun="product",
    fields=("name", "description", "value_proposition", "target_market", "price_note"),
    required=("name", "description"),
    created=AuditAction.PRODUCT_CREATED,
    changed=AuditAction.PRODUCT_CHANGED,
    deleted=AuditAction.PRODUCT_DELETED,
)
LISTING = Listing(
    model=Product,
    columns=(Column("name", Product.name), Column("updated", Product.updated_at)),
    search=(Product.name,),
)
