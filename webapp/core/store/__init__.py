"""Redis and what is kept there: limits, parked documents. Only this package knows the client."""

from webapp.core.store.door import Store, StoreAway

__all__ = ["Store", "StoreAway"]
