"""What is asked of the ground: one SQL question for each way in which a dispatch may not be accounted for.

Every question returns offences, nothing when all is well: the dispatch, and where to look. None changes anything.
"""

from deploy.books.checks import lost, misrouted, order, repeated, rows, unexplained
from deploy.books.checks.check import Check, Column

CHECKS: tuple[Check, ...] = (
    *lost.CHECKS,
    *misrouted.CHECKS,
    *repeated.CHECKS,
    *order.CHECKS,
    *rows.CHECKS,
    *unexplained.CHECKS,
)

__all__ = ["CHECKS", "Check", "Column"]
