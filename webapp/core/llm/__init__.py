"""The one door to language models: a prompt in, a validated answer out, every call in the ledger."""
