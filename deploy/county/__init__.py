"""The county packs: reading the YAML files of `deploy/counties`, and naming every fault at once, with file and line.

The only place that knows how a pack lies on disk. What the rules mean is decided by the streams and connectors,
which are handed the objects that `load` returns.
"""

from deploy.county.county import ConnectorEntry, County
from deploy.county.faults import CountyError, Fault, FaultKind, WarningKind
from deploy.county.folders import folder_of, known_packs
from deploy.county.loading import Inspection, connector_file, inspect, load, read_expectations

__all__ = [
    "ConnectorEntry",
    "County",
    "CountyError",
    "Fault",
    "FaultKind",
    "Inspection",
    "WarningKind",
    "connector_file",
    "folder_of",
    "inspect",
    "known_packs",
    "load",
    "read_expectations",
]
