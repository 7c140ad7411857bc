"""make_app: a Faust app with the overrides in place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streams.engine import versions
from streams.engine.crash import At, no_op
from streams.engine.loop import use_uvloop
from streams.engine.overrides import App, Runs, Transport
from streams.engine.progress import Progress
from streams.engine.security import broker_urls, credentials
from streams.engine.settings import FAUST


def make_app(
    name: str,
    kafka: Mapping[str, Any],
    *,
    worker: str,
    folder: Path,
    at: At = no_op,
    **settings: Any,
) -> App:
    """A Faust app in consumer group `name`.

    `kafka` are aiokafka's client options (`bootstrap_servers`, `security_protocol`, ...). `worker` is unique in the
    group and stable over restarts: a restart within the session timeout then waits for nobody. `folder` holds Faust's
    own files. `settings` overrule `settings.FAUST`. Raises UnsupportedError.
    """
    versions.check()
    use_uvloop()
    folder.mkdir(parents=True, exist_ok=True)
    app = App(
        name,
        **{
            **FAUST,
            "broker": broker_urls(kafka),
            "broker_credentials": credentials(kafka),
            "broker_client_id": f"{name}-{worker}",
            "consumer_group_instance_id": worker,
            "ConsumerScheduler": Runs,
            "datadir": folder / f"faust-{worker}",
            **settings,
        },
    )
    app.at = at
    app.progress = Progress()
    app.transport = Transport(app.conf.broker_consumer, app)
    return app
