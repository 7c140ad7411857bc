"""Model, exported schema, golden example and AsyncAPI document agree, for every type and version."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from schemas import export
from schemas.codec import UndecodableError, decode, encode
from schemas.dead_letter import DeadReason
from schemas.dispatch import CONTENT_FIELDS, Dispatch, content_digest
from schemas.report import Report
from schemas.topics import topics
from schemas.types import TYPES

ROOT = Path(export.__file__).parent
EXAMPLES = sorted(ROOT.glob("examples/*/v*/*.json"))


def type_of(example: Path) -> str:
    return f"paidan.{example.parents[1].name}.{example.parent.name}"


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_type_has_an_example(name: str) -> None:
    assert [file for file in EXAMPLES if type_of(file) == name]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: "/".join(file.parts[-3:]))
def test_every_example_of_every_version_is_still_readable(example: Path) -> None:
    """Nothing that was ever written may become unreadable: an example is added, never changed or removed."""
    value = json.loads(example.read_text())
    message = decode(TYPES[type_of(example)], example.read_bytes())
    again = json.loads(encode(message))
    assert {key: again[key] for key in value} == value, "a field was lost or changed on the way through the model"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: "/".join(file.parts[-3:]))
def test_every_example_and_what_the_model_writes_of_it_obey_the_exported_schema(example: Path) -> None:
    name = type_of(example)
    validator = Draft202012Validator(json.loads((ROOT / export.schema_file(name)).read_text()))
    written = json.loads(encode(decode(TYPES[name], example.read_bytes())))
    assert not list(validator.iter_errors(written))


@pytest.mark.parametrize("name", sorted(TYPES))
def test_the_exported_schema_is_a_valid_2020_12_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((ROOT / export.schema_file(name)).read_text()))


def test_the_committed_documents_are_what_the_models_export() -> None:
    assert export.main(["--check"]) == 0


def test_a_stale_document_is_noticed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(export.HEADERS, "type", "array")
    assert export.main(["--check"]) == 1
    assert "asyncapi.yaml is out of date" in capsys.readouterr().err


def test_the_digest_of_a_golden_dispatch_never_changes() -> None:
    """A digest that changed with a release would turn every open dispatch into an amendment."""
    for example in EXAMPLES:
        if type_of(example) == "paidan.dispatch.v1":
            dispatch = decode(Dispatch, example.read_bytes())
            assert content_digest(dispatch) == dispatch.digest, example.name


def test_the_digest_covers_the_content_and_nothing_else() -> None:
    dispatch = decode(Dispatch, (ROOT / "examples/dispatch/v1/open.json").read_bytes())
    identity = {"id", "source", "number", "digest", "updated_at", "category_names"}
    assert set(Dispatch.model_fields) - CONTENT_FIELDS == identity
    touched = dispatch.model_copy(update={"updated_at": dispatch.issued_at})
    changed = dispatch.model_copy(update={"title": dispatch.title + "！"})
    assert content_digest(touched) == dispatch.digest != content_digest(changed)


def test_an_unknown_field_is_kept_and_passed_on() -> None:
    value = json.loads((ROOT / "examples/report/v1/signed.json").read_text()) | {"satisfaction": {"score": 5}}
    message = decode(TYPES["paidan.report.v1"], json.dumps(value).encode())
    assert json.loads(encode(message))["satisfaction"] == {"score": 5}


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (b"", DeadReason.NOT_JSON, ""),
        (b"[1]", DeadReason.INVALID, ""),
        (b'{"dispatch":"x:1","kind":"signed"}', DeadReason.INVALID, "at: missing"),
        (b'{"dispatch":"no-colon","kind":"signed","at":"2026-03-02T01:30:00Z"}', DeadReason.INVALID, "dispatch"),
        (b'{"dispatch":"x:1","kind":"signed","at":"2026-03-02T01:30:00"}', DeadReason.INVALID, "at"),
        (b'{"dispatch":"x:1","kind":"sung","at":"2026-03-02T01:30:00Z"}', DeadReason.INVALID, "kind: enum"),
    ],
)
def test_what_cannot_be_read_says_where_and_never_what(value: bytes, reason: DeadReason, detail: str) -> None:
    with pytest.raises(UndecodableError) as caught:
        decode(TYPES["paidan.report.v1"], value)
    assert caught.value.reason is reason
    assert detail in caught.value.detail
    assert "no-colon" not in str(caught.value)
    assert "sung" not in str(caught.value)


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for child in node.values() for ref in references(child)]
    return [ref for child in node for ref in references(child)] if isinstance(node, list) else []


@pytest.mark.parametrize(
    "at",
    [
        '"20261125"',
        "20261125",
        '"1999-12-31T23:59:59Z"',
        '"2000-01-01T00:00:00+08:00"',
        '"0001-01-01T00:00:00+08:00"',
        '"9999-12-31T23:59:59-08:00"',
    ],
)
def test_what_is_no_moment_of_this_century_is_refused(at: str) -> None:
    value = f'{{"dispatch": "city:1", "kind": "signed", "at": {at}}}'.encode()
    with pytest.raises(UndecodableError) as refused:
        decode(Report, value)
    assert (refused.value.reason, refused.value.detail) == (DeadReason.INVALID, "at: value_error")


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = YAML(typ="safe").load((ROOT / "asyncapi.yaml").read_text())
    for reference in references(document):
        if reference.startswith("#/"):
            node = document
            for step in reference[2:].split("/"):
                node = node[step]
        else:
            assert (ROOT / reference).exists(), reference


def test_the_asyncapi_document_lists_every_topic() -> None:
    document = YAML(typ="safe").load((ROOT / "asyncapi.yaml").read_text())
    assert {channel["address"] for channel in document["channels"].values()} == {t.name for t in topics(["{code}"])}
