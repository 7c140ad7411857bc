"""When nothing is left to do: a condition on what the city and the broker say, never a time."""

from typing import Any

from deploy.sim.lag import Lag


def unfinished(state: dict[str, Any], lag: Lag | None) -> list[str]:
    """What is left to do, in words with numbers; empty when nothing is."""
    left = [
        (state["unsettled"], f"{state['unsettled']} orders are open: {', '.join(state['unsettled_first'][:3])}"),
        (state["undecided"], f"{state['undecided']} answers wait for the city"),
        (state["unseen"], f"{state['unseen']} changed orders were not read yet"),
    ]
    if lag is None:
        left.append((1, "the broker cannot be asked"))
    else:
        left += [(behind, f"{group} is {behind} records behind") for group, behind in lag.behind.items()]
    return [words for number, words in left if number]
