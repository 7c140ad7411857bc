"""What a rule is. An alert says by its domain whose it is; its annotations are for duty staff, in their language."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

RUNBOOKS: Final = "file:/opt/paidan/deploy/runbooks"


class Severity(StrEnum):
    """Critical: somebody acts now. Warning: today."""

    CRITICAL = "critical"
    WARNING = "warning"
    NONE = "none"


class Domain(StrEnum):
    """Whose matter it is: deadlines, supervision, the bridge itself, the city's platform, the alarm itself."""

    SLA = "sla"
    SUPERVISION = "supervision"
    PIPELINE = "pipeline"
    CITY = "city"
    META = "meta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """`record` is `level:metric:operation`, as Prometheus' own naming advice has it."""

    record: str
    expr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`held` is how long `expr` must hold, `kept` how long it fires on afterwards."""

    name: str
    expr: str
    severity: Severity
    domain: Domain
    summary: str
    """One line, with `{{ $labels.x }}` where it names what is concerned."""
    held: str = ""
    kept: str = ""

    @property
    def runbook(self) -> str:
        """Where what to do is written."""
        return f"{RUNBOOKS}/{self.name}.md"
