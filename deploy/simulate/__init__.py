"""A year in minutes: the real domain, agents, timers and table mechanics on simulated time, with simulated Kafka,
faults and people; and an oracle that computes by itself which marks had to be recorded, when, and who had to be told.
The books see every record and judge the rest.

One seed is one world. `oracle` and what it reads (`days`, `terms`, `runs`) share no code with `streams`.
"""

from deploy.simulate.halves import simulate
from deploy.simulate.report import Outcome
from deploy.simulate.world import World

__all__ = ["Outcome", "World", "simulate"]
