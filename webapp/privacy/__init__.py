"""Everything of a person at once: told in an export, taken out by an erasure."""
