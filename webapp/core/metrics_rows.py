"""The figures that the database holds, over all companies, as a monitor reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.db import every_company
from webapp.core.jobs.models import Job, JobState
from webapp.core.llm.ledger import MILLION, LlmCall


class Rows(Collector):
    """Jobs by state and age, AI calls by outcome with their tokens and cost."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now

    def collect(self) -> Iterator[Metric]:
        """Read them."""
        with every_company(self._session):
            yield self._jobs()
            yield self._oldest()
            yield from self._llm()
        self._session.commit()

    def _jobs(self) -> Metric:
        family = GaugeMetricFamily("atelier_jobs", "Jobs by state.", labels=["state"])
        counts = dict(self._session.execute(select(Job.state, func.count(Job.id)).group_by(Job.state)).all())
        for state in JobState:
            family.add_metric([state.value], counts.get(state, 0))
        return family

    def _oldest(self) -> Metric:
        first = self._session.scalar(select(func.min(Job.created_at)).where(Job.state == JobState.QUEUED))
        age = (self._now - first).total_seconds() if first else 0.0
        return GaugeMetricFamily("atelier_oldest_queued_job_seconds", "Age of the oldest queued job.", age)

    def _llm(self) -> Iterator[Metric]:
        calls = CounterMetricFamily("atelier_llm_calls", "AI calls by outcome.", labels=["outcome"])
        tokens = CounterMetricFamily("atelier_llm_tokens", "Tokens counted.", labels=["direction"])
        rows = self._session.execute(
            select(
                LlmCall.outcome,
                func.count(LlmCall.id),
                func.sum(LlmCall.prompt_tokens),
                func.sum(LlmCall.completion_tokens),
                func.sum(LlmCall.cost),
            ).group_by(LlmCall.outcome)
        ).all()
        for row in rows:
            calls.add_metric([row[0]], row[1])
        tokens.add_metric(["in"], float(sum(row[2] for row in rows)))
        tokens.add_metric(["out"], float(sum(row[3] for row in rows)))
        cost = CounterMetricFamily("atelier_llm_cost", "Cost in units of the provider’s currency.")
        cost.add_metric([], float(sum(row[4] for row in rows)) / MILLION)
        yield from (calls, tokens, cost)
