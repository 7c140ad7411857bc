"""What drives a simulated city that runs as a process of its own: its control door, from Python."""

from typing import Any, cast

import httpx2

from deploy.sim.city.faults import Call, Fault


class CityError(RuntimeError):
    """The city refused an order, or does not answer."""


class Driver:
    """Orders the city what to do. Safe for threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx2.Client(base_url=url, timeout=10.0, trust_env=False)

    def issue(self, count: int = 1, **how: Any) -> list[str]:
        """Issues orders; `how` as `deploy.sim.city.control` tells. Returns their numbers."""
        return cast("list[str]", self._order("issue", count=count, **how)["orders"])

    def amend(self, order: str, *, silent: bool = False, fields: dict[str, Any] | None = None) -> None:
        """Changes an open order. Raises CityError where it is not open (any more); so do all that follow."""
        self._order("amend", order=order, silent=silent, fields=fields)

    def withdraw(self, order: str) -> None:
        """Takes an open order back."""
        self._order("withdraw", order=order)

    def reissue(self, order: str) -> None:
        """Opens a withdrawn order again."""
        self._order("reissue", order=order)

    def merge(self, order: str, into: str) -> None:
        """Ends an open order in favour of another."""
        self._order("merge", order=order, into=into)

    def close_order(self, order: str) -> None:
        """Closes an open order."""
        self._order("close", order=order)

    def redo(self, order: str) -> None:
        """Orders an open order again."""
        self._order("redo", order=order)

    def fault_on(self, fault: Fault, *, count: int | None = None, p: float = 1.0, calls: tuple[Call, ...] = ()) -> None:
        """Switches a fault on."""
        self._order("faults", fault=fault, count=count, p=p, calls=calls)

    def fault_off(self, fault: Fault) -> None:
        """Switches one fault off."""
        self._order("faults", off=fault)

    def faults_off(self) -> None:
        """Switches all faults off."""
        self._order("faults", off="all")

    def skew(self, seconds: float) -> None:
        """Puts the city's clock off by so much."""
        self._order("skew", seconds=seconds)

    def state(self) -> dict[str, Any]:
        """Counts; see `deploy.sim.city.control.state`."""
        return self._said("GET", "state", None)

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()

    def _order(self, what: str, **body: Any) -> dict[str, Any]:
        return self._said("POST", what, body)

    def _said(self, method: str, what: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            response = self._http.request(method, f"/_sim/{what}", json=body)
        except httpx2.TransportError as error:
            raise CityError(f"{what}: {error}") from error
        if response.status_code != 200:
            raise CityError(f"{what}: {response.text[:200]}")
        return cast("dict[str, Any]", response.json())
