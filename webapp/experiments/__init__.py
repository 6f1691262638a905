"""Experiments: who gets which variant, what they did, and what may be concluded."""
