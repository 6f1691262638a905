"""Drafts personas by rules, without a model."""
