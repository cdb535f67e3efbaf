"""What can go wrong while routing, and what each failure means for the caller, the breaker and the budget.

RoutingError                 the caller sees one of these, with a stable `code`
  NoAnswer                   every target failed and the task has no local answer
  BudgetSpent                no budget is left and the task forbids a local answer
  DeadlinePassed             the total time budget ended
  Cancelled                  the caller gave up
  LedgerUnavailable          the decision could not be written down, so nothing was sent
"""

from __future__ import annotations


class RoutingError(Exception):
    """One clear error of a routed call; `code` is stable, `advice` says what to do about it."""

    code = "routing_error"
    advice = ""

    def __init__(self, message: str = "", *, decision_id: str = "") -> None:
        super().__init__(message or self.advice)
        self.decision_id = decision_id


class NoAnswer(RoutingError):
    code = "no_answer"
    advice = "Every target failed; the decision names each failure. Try again later or add a local target."


class BudgetSpent(RoutingError):
    code = "budget_spent"
    advice = "The budget of this period is used up; raise it or wait for the next period."


class DeadlinePassed(RoutingError):
    code = "deadline_passed"
    advice = "The time budget of the call ended before an answer was there."


class Cancelled(RoutingError):
    code = "cancelled"
    advice = "The caller cancelled the call."


class LedgerUnavailable(RoutingError):
    code = "ledger_unavailable"
    advice = "Decisions cannot be recorded at the moment, so no target was called. Check the database."
