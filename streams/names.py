"""What others must know of the streams without loading them: names, and how often the timers look."""

from typing import Final

GROUP: Final = "bridge"
"""The consumer group of all workers of a county."""

SOURCE: Final = "/paidan/streams/cases"
"""`ce_source` of what the cases agent writes."""

TIMERS: Final = "/paidan/streams/timers"
"""`ce_source` of the questions whether something is due."""

TICK_SECONDS: Final = 0.1
"""Between two looks of the timers: no mark is acted on sooner than it is looked for."""

CUT: Final = "cut from "
"""How the detail of a dead letter begins that holds only the first part of the original; it cannot be replayed."""
