"""`python -m deploy.sim.departments --folder F --codes a,b,c`: departments as one process; ends on SIGTERM.

Kafka is found by PAIDAN_KAFKA and its companions.
"""

import argparse
import signal
import threading
from pathlib import Path

from deploy.sim.departments.habits import Habit, Habits
from deploy.sim.departments.office import Office
from schemas.kafka import KafkaSettings


def main() -> None:
    """Runs until SIGTERM or SIGINT."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--folder", type=Path, required=True, help="where departments.jsonl lives")
    words.add_argument("--codes", required=True, help="department codes with commas")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--pace", type=float, default=1.0, help="stretches all times")
    words.add_argument("--keepers", default="", help="codes that never return anything, with commas")
    words.add_argument("--never", type=float, default=0.0, help="weight of the habit never to answer (all others: 100)")
    words.add_argument("--unsigned", type=float, default=0.0, help="weight of the habit to sign far too late")
    words.add_argument("--late", type=float, default=0.0, help="how likely what is pressing is answered late, 0 to 1")
    words.add_argument("--rate", type=float, default=1.0, help="how many times faster deadlines come")
    given = words.parse_args()
    weights = {**Habits().weights, Habit.NEVER: given.never, Habit.UNSIGNED: given.unsigned}
    keepers = frozenset(given.keepers.split(","))
    habits = Habits(given.seed, given.pace, weights, keepers, late_p=given.late, rate=given.rate)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Office(KafkaSettings(), given.codes.split(","), given.folder, habits).run(stop)


if __name__ == "__main__":
    main()
