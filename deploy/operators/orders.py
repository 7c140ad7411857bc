"""An operator's order as an inbox record."""

from deploy.operators.kafka import ToSend
from schemas.codec import encode
from schemas.envelope import Envelope
from schemas.ids import derived_id
from schemas.order import Order
from schemas.topics import INBOX, partition_of
from schemas.types import NAMES

SOURCE = "/paidan/operators"


def order_record(order: Order, id: str = "") -> ToSend:
    """The record to send. Without `id` the same words at the same instant are the same order."""
    value = encode(order)
    key = order.dispatch.encode()
    envelope = Envelope(id or derived_id("order", value.decode()), SOURCE, NAMES[Order], order.at)
    return ToSend(INBOX, partition_of(key), key, value, tuple(envelope.headers()))
