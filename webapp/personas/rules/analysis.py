"""Prepares by rules a conversation with a contact."""

from webapp.personas.analysis_answer import AnalysisDraft
from webapp.personas.facts import Brief


def analyse(brief: Brief) -> AnalysisDraft:
    """Meeting preparation."""
    raise NotImplementedError(brief)
