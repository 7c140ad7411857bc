"""aiokafka's client options, said the way Faust wants them."""

from collections.abc import Mapping
from typing import Any

from faust.auth import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT


def broker_urls(kafka: Mapping[str, Any]) -> str:
    """Faust's broker setting from `bootstrap_servers`: a list of `host:port`, or one string with commas."""
    servers = kafka["bootstrap_servers"]
    names = servers.split(",") if isinstance(servers, str) else servers
    return ";".join(f"aiokafka://{name.strip()}" for name in names)


def credentials(kafka: Mapping[str, Any]) -> CredentialsT | None:
    """Faust's broker_credentials; None for plaintext. Raises ValueError for a protocol Faust cannot carry."""
    protocol, context = kafka.get("security_protocol", "PLAINTEXT"), kafka.get("ssl_context")
    match protocol:
        case "PLAINTEXT":
            return None
        case "SSL":
            return SSLCredentials(context)
        case "SASL_SSL" | "SASL_PLAINTEXT":
            return SASLCredentials(
                username=kafka["sasl_plain_username"],
                password=kafka["sasl_plain_password"],
                ssl_context=context,
                mechanism=kafka["sasl_mechanism"],
            )
        case _:
            raise ValueError(f"security_protocol {protocol!r} is not PLAINTEXT, SSL, SASL_SSL or SASL_PLAINTEXT")
