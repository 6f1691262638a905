"""Companies, staff and their roles, signing in, API tokens."""
