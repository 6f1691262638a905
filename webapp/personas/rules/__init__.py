"""Drafts and re-drafts personas by rules, without a model: plain values in, frozen answers out."""

from webapp.personas.rules.draft import draft_persona
from webapp.personas.rules.redraft import redraft

__all__ = ["draft_persona", "redraft"]
