"""What was last written of each dispatch, so that a page read again is not written again. Only a saving.

Not a state: it is lost with the process and read back from the end of `city.dispatches`, it forgets the oldest when
it is full, and nothing downstream relies on it, because every snapshot has a derived id.
"""

from collections import OrderedDict

from schemas.dispatch import Dispatch
from schemas.ids import derived_id


def snapshot_id(dispatch: Dispatch) -> str:
    """The id of the record that says what the city shows: equal for equal content, round, status and update time."""
    return derived_id(dispatch.id, dispatch.round, dispatch.status, dispatch.digest, dispatch.updated_at.isoformat())


class Seen:
    """Key -> id of the last record written under it; at most `limit` keys, about 250 bytes each."""

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._last: OrderedDict[bytes, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._last)

    def __contains__(self, key: object) -> bool:
        return key in self._last

    def same(self, key: bytes, id: str) -> bool:
        """Whether the last record written under `key` is this one."""
        return self._last.get(key) == id

    def wrote(self, key: bytes, id: str) -> None:
        """This record is acked."""
        self._last[key] = id
        self._last.move_to_end(key)
        if len(self._last) > self._limit:
            self._last.popitem(last=False)
