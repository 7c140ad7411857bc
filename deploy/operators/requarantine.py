"""Quarantined records of the city are read again by the connector that quarantined them, with its YAML of today."""

from prometheus_client import CollectorRegistry

from deploy.console import UserError
from deploy.operators.kafka import ToSend
from deploy.operators.letters import CONNECTOR, Letter


def retranslate(letter: Letter) -> list[ToSend]:
    """The records for `city.dispatches` that the original bytes are by now. Raises ValueError where there are none."""
    # Only a replay of quarantine needs the connectors and the county pack; every other command does without.
    from connectors.runtime.budget import Budget
    from connectors.runtime.indirect import UnresolvedError
    from connectors.runtime.meter import Meter
    from connectors.runtime.metrics import Metrics
    from connectors.runtime.ports import Fittings, Refused
    from connectors.runtime.records import Out, snapshot
    from connectors.runtime.service import utc_now
    from connectors.runtime.source_clock import LearnedClock
    from deploy.connecting import entries

    name = letter.origin.removeprefix(CONNECTOR).partition("/")[0]
    try:
        (entry,) = entries([name], None, None)
        meter = Meter(name, Budget(entry.settings.budget), Metrics(CollectorRegistry(), [name]))
        parts = entry.build(Fittings(name, meter, LearnedClock(utc_now)))
    except UserError as problem:
        raise ValueError(problem.message) from problem
    except UnresolvedError as problem:
        raise ValueError(str(problem)) from problem
    try:
        if parts.read is None:
            raise ValueError(f"{name}: cannot read one record alone")
        made = parts.read(letter.value or b"")
    finally:
        if parts.close is not None:
            parts.close()
    record = made if isinstance(made, Refused) else snapshot(name, made)
    if isinstance(record, Out):
        return [ToSend(record.topic, record.partition, record.key, record.value, tuple(record.headers))]
    raise ValueError(f"{record.reason}: {record.detail}")
