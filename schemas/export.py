"""Writes what outsiders read: JSON Schema (2020-12) of every message and the AsyncAPI 3.0 document.

`python -m schemas.export` writes them beside the models; `--check` writes nothing and exits 1 where one is stale.
The only module of this package that touches files.
"""

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from schemas.topics import Topic, topics
from schemas.types import TYPES

HERE: Final = Path(__file__).parent
PLACEHOLDER: Final = "{code}"


def short(name: str) -> str:
    """`paidan.dispatch.v1` -> `dispatch`."""
    return name.split(".")[1]


def schema_file(name: str) -> str:
    """`paidan.dispatch.v1` -> `json/dispatch.v1.json`."""
    _, message, version = name.split(".")
    return f"json/{message}.{version}.json"


def json_schema(name: str) -> dict[str, Any]:
    """The schema a reader may rely on: unknown fields are allowed, for a later minor version may add some."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:paidan:{name}",
        **TYPES[name].model_json_schema(mode="serialization"),
    }


def _channel(topic: Topic) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": topic.name,
        "description": f"{topic.about}. Key: {topic.key}. Writer: {topic.writer}; readers: {', '.join(topic.readers)}.",
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in topic.payload},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": _configuration(topic),
                "bindingVersion": "0.5.0",
            }
        },
    }
    if PLACEHOLDER in topic.name:
        channel["parameters"] = {"code": {"description": "The department's code, one pair of topics each."}}
    return channel


def _configuration(topic: Topic) -> dict[str, Any]:
    if topic.retention_days is None:
        return {"cleanup.policy": ["compact"]}
    return {"cleanup.policy": ["delete"], "retention.ms": topic.retention_days * 86_400_000}


def _message(name: str) -> dict[str, Any]:
    model = TYPES[name]
    return {
        "name": name,
        "title": model.__name__,
        "summary": (model.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": schema_file(name)},
        },
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
    }


HEADERS: Final = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "description": "Derived: a repeat has the same id. Keep it and act once on each."},
        "ce_source": {"type": "string", "format": "uri-reference"},
        "ce_type": {"enum": sorted(TYPES)},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
    },
}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document; a department's two topics stand once, with `{code}` in their names."""
    listed = topics([PLACEHOLDER])
    any_payload = {"name": "any", "title": "Original bytes", "payload": {}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "paidan",
            "version": "1.0.0",
            "description": "Dispatches of a city's 12345 hotline to a county's departments, and their answers.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name.replace(PLACEHOLDER, "code"): _channel(topic) for topic in listed},
        "operations": {
            "receiveAssignment": {"action": "receive", "channel": {"$ref": "#/channels/dept.code.dispatches"}},
            "sendReport": {"action": "send", "channel": {"$ref": "#/channels/dept.code.reports"}},
        },
        "components": {
            "schemas": {"headers": HEADERS},
            "messages": {**{short(name): _message(name) for name in TYPES}, "any": any_payload},
        },
    }


def _yaml(document: dict[str, Any]) -> str:
    out = StringIO()
    yaml = YAML()
    yaml.width = 120
    yaml.dump(document, out)
    return out.getvalue()


def documents() -> dict[str, str]:
    """File name (below this folder) -> content."""
    made = {
        schema_file(name): json.dumps(json_schema(name), ensure_ascii=False, indent=2) + "\n" for name in sorted(TYPES)
    }
    made["asyncapi.yaml"] = _yaml(asyncapi())
    return made


def main(arguments: list[str]) -> int:
    """0 done or up to date; 1 with the names of what is out of date."""
    stale = []
    for name, content in documents().items():
        file = HERE / name
        if file.exists() and file.read_text(encoding="utf-8") == content:
            continue
        if "--check" in arguments:
            stale.append(name)
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(content, encoding="utf-8")
    for name in stale:
        print(f"schemas/{name} is out of date: run python -m schemas.export", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
