"""A simulated city platform: a real HTTP server over a journal on disk, strict about what it is told, with faults.

The order book, its rules and its journal know no HTTP; a dialect turns them into one city's interface. Nothing of the
bridge is imported here.
"""

from deploy.sim.city.city import City, Settings
from deploy.sim.city.faults import Fault, Faults
from deploy.sim.city.server import serve

__all__ = ["City", "Fault", "Faults", "Settings", "serve"]
