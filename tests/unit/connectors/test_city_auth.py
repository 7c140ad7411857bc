"""Signatures, checked against the published SM3 vectors and the standard library; envelopes; templates; times."""

import hashlib
import hmac
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from cryptography.hazmat.primitives import hashes

from connectors.runtime.indirect import UnresolvedError, resolve
from connectors.systems.city_rest.auth import signature
from connectors.systems.city_rest.envelope import is_page_for_people, verdict
from connectors.systems.city_rest.settings import Envelope, Rule, SignedAuth, Times
from connectors.systems.city_rest.template import fill, fill_all, names
from connectors.systems.city_rest.times import CityTimes

VECTORS = Path(__file__).parents[3] / "../shared/data/sm-vectors/sm3-oscca.txt"


def vectors() -> list[tuple[bytes, str]]:
    found, fields = [], dict[str, str]()
    for line in VECTORS.read_text().splitlines():
        name, sign, value = line.partition(" = ")
        if sign:
            fields[name] = value
        if name == "MD" and sign:
            found.append((bytes.fromhex(fields["Msg"])[: int(fields["Len"]) // 8], value))
    return found


@pytest.mark.skipif(not VECTORS.exists(), reason="the SM3 vectors are not on this machine")
def test_sm3_gives_the_published_digests() -> None:
    assert len(vectors()) >= 5
    for message, expected in vectors():
        digest = hashes.Hash(hashes.SM3())
        digest.update(message)
        assert digest.finalize().hex() == expected


def sm3_hmac(key: bytes, message: bytes) -> str:
    """RFC 2104 by hand, over SM3."""

    def sm3(data: bytes) -> bytes:
        digest = hashes.Hash(hashes.SM3())
        digest.update(data)
        return digest.finalize()

    padded = key.ljust(64, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in padded) + message)
    return sm3(bytes(byte ^ 0x5C for byte in padded) + inner).hex()


def recipe(algorithm: Literal["hmac-sm3", "hmac-sha256"], **more: Any) -> SignedAuth:
    return SignedAuth(kind="signed", algorithm=algorithm, key="k", secret="s", params={}, signature="sign", **more)


FIELDS = {"ts": "1700000000", "app": "paidan", "nonce": "n", "q": "停水"}
TEXT = "app=paidan&nonce=n&q=停水&ts=1700000000"


def test_a_signature_is_the_hmac_of_the_sorted_fields() -> None:
    expected = hmac.new(b"secret", TEXT.encode(), hashlib.sha256).hexdigest()
    assert signature(recipe("hmac-sha256"), FIELDS, b"secret") == expected
    assert signature(recipe("hmac-sm3"), FIELDS, b"secret") == sm3_hmac(b"secret", TEXT.encode())


def test_how_pairs_are_written_and_joined_is_the_citys_choice() -> None:
    expected = hmac.new(b"secret", b"appapanonceb", hashlib.sha256).hexdigest().upper()
    made = signature(
        recipe("hmac-sha256", pair="{name}{value}", joiner="", upper=True), {"nonce": "b", "app": "apa"}, b"secret"
    )
    assert made == expected


ENVELOPE = Envelope(
    code="code",
    message="msg",
    rules=(
        Rule(path="code", values=("0", "200"), means="success"),
        Rule(path="code", values=("401",), means="expired"),
        Rule(status=(409,), means="exists"),
        Rule(status=(200,), path="ok", values=("false",), means="rejected"),
    ),
)


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (200, {"code": 0}, "success"),
        (200, {"code": "200"}, "success"),
        (200, {"code": 401}, "expired"),
        (500, {"code": 0}, "success"),  # the city's own word goes before HTTP's
        (409, {}, "exists"),
        (200, {"ok": False}, "rejected"),
        (400, {"ok": False}, "rejected"),
        (401, None, "expired"),
        (302, None, "expired"),
        (429, None, "busy"),
        (500, None, "error"),
        (408, None, "error"),
        (404, {"x": 1}, "rejected"),
        (200, {"x": 1}, None),
        (200, [], None),
        (200, {"code": {"deep": 1}}, None),
    ],
)
def test_the_first_rule_that_holds_decides_and_http_otherwise(status: int, answer: Any, expected: str | None) -> None:
    assert verdict(ENVELOPE, status, answer) == expected


@pytest.mark.parametrize(
    ("type", "body", "expected"),
    [
        ("application/json", b'{"a":1}', False),
        ("text/html; charset=utf-8", b"", True),
        ("application/json", b" \r\n<!DOCTYPE html>", True),
        ("application/json", b"\xef\xbb\xbf<html>", True),
        ("", b"", False),
    ],
)
def test_html_where_data_were_asked_for_is_a_login_page(type: str, body: bytes, expected: bool) -> None:
    assert is_page_for_people(type, body) is expected


def test_templates_are_filled_and_what_comes_out_empty_is_left_out() -> None:
    values = {"a": "1", "b": "", "c": "{a}"}
    assert fill("{a}-{b}-{c}", values) == "1--{a}"
    assert fill_all({"x": "{a}", "y": "{b}", "z": ""}, values, keep_empty=False) == {"x": "1"}
    assert fill_all({"x": "{a}", "y": "{b}"}, values, keep_empty=True) == {"x": "1", "y": ""}
    assert names("{a} {b2} {{c}} {A}") == {"a", "b2", "c"}


UTC_0130 = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("format", "theirs"),
    [
        ("%Y-%m-%d %H:%M:%S", "2026-03-02 09:30:00"),
        ("%Y%m%d%H%M%S", "20260302093000"),
        ("%Y/%m/%d %H:%M:%S", "2026/03/02 09:30:00"),
        ("iso", "2026-03-02T09:30:00+08:00"),
        ("epoch", str(int(UTC_0130.timestamp()))),
        ("epoch_ms", str(int(UTC_0130.timestamp() * 1000))),
    ],
)
def test_times_are_read_and_written_as_the_city_writes_them(format: str, theirs: str) -> None:
    times = CityTimes(Times(zone="Asia/Shanghai", format=format))
    assert times.read(theirs) == UTC_0130
    assert times.write(UTC_0130) == theirs


@pytest.mark.parametrize(
    "theirs",
    [
        None, "", "0000-00-00 00:00:00", "2026-02-30 00:00:00", "2026-03-02", "1899-12-31 00:00:00",
        "9999-12-31 23:59:59", "tomorrow", True, [], {"a": 1},
    ],
)  # fmt: skip
def test_what_is_no_usable_time_is_none(theirs: Any) -> None:
    assert CityTimes(Times(zone="Asia/Shanghai")).read(theirs) is None


def test_an_hour_that_happens_twice_is_not_guessed() -> None:
    berlin = CityTimes(Times(zone="Europe/Berlin"))
    assert berlin.read("2026-10-25 02:30:00") is None
    assert berlin.read("2026-10-25 03:30:00") == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    # and one that never happens
    assert berlin.read("2026-03-29 02:30:00") is None


def test_settings_may_point_at_the_environment_or_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush\n")
    assert resolve("plain", {}) == "plain"
    assert resolve("https://x:8080", {}) == "https://x:8080"
    assert resolve("env:NAME", {"NAME": "v"}) == "v"
    assert resolve("env:NAME|other", {}) == "other"
    assert resolve("env:NAME|", {}) == ""
    assert resolve(f"file:{secret}", {}) == "hush"
    for missing in ("env:NAME", f"file:{tmp_path}/none"):
        with pytest.raises(UnresolvedError):
            resolve(missing, {})
