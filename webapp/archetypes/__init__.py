"""Archetypes: what prices a member’s options, how it is found, overridden, simulated and measured."""
