"""Every mistake has a fixture in tests/config/conf.<what is wrong>, laid over a pack in order: found, on its line."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.console import use_language
from deploy.county import CountyError, Inspection, inspect, load

CONFIG = Path(__file__).parents[3] / "config"

# fixture: file, line, key, kind, a part of what would do
ONE_FAULT: dict[str, tuple[str, int, str, str, str]] = {
    "not-yaml": ("county.yaml", 6, "", "syntax", ""),
    "tab-indent": ("routes.yaml", 3, "", "syntax", ""),
    "not-utf8": ("areas.yaml", 2, "", "not_utf8", "UTF-8"),
    "empty-file": ("categories.yaml", 1, "", "missing", ""),
    "no-county-file": ("county.yaml", 0, "", "no_file", ""),
    "key-twice": ("departments/water.yaml", 7, "kind", "duplicate_key", ""),
    "unknown-field": ("departments/water.yaml", 5, "take", "unknown_field", "takes"),
    "missing-field": ("departments/works.yaml", 1, "kind", "missing", "bureau"),
    "code-not-quoted": ("county.yaml", 3, "area", "wrong_type", '"150123"'),
    "area-not-quoted": ("routes.yaml", 12, "route.routes.1.match.area.0", "wrong_type", '"150123100"'),
    "area-keys-not-quoted": ("areas.yaml", 3, "areas.150123100", "wrong_type", '"150123100"'),
    "city-code-not-quoted": ("connectors/drop.yaml", 13, "codes.status.1", "wrong_value", "quotes"),
    "alias-of-itself": ("areas.yaml", 1, "areas.150123100", "wrong_type", ""),
    "wrong-kind": ("departments/works.yaml", 3, "kind", "wrong_value", "bureau"),
    "wrong-list": ("departments/works.yaml", 5, "takes", "wrong_type", ""),
    "wrong-number": ("county.yaml", 7, "return_cap", "wrong_type", ""),
    "wrong-zone": ("county.yaml", 4, "time_zone", "wrong_value", "Asia/Shanghai"),
    "bad-code": ("departments/works.yaml", 1, "code", "wrong_value", "[a-z0-9]"),
    "file-name": ("departments/works.yaml", 1, "code", "file_name", "work.yaml"),
    "unknown-lead": ("routes.yaml", 7, "route.routes.0.lead", "unknown_department", "water"),
    "unknown-assist": ("routes.yaml", 8, "route.routes.0.assists.0", "unknown_department", "works"),
    "unknown-category-in-route": ("routes.yaml", 6, "route.routes.0.match.category.0", "unknown_category", "outage"),
    "unknown-category-in-department": ("departments/water.yaml", 5, "takes.0", "unknown_category", "water"),
    "unknown-area-in-route": ("routes.yaml", 12, "route.routes.1.match.area.0", "unknown_area", "150123100"),
    "unknown-area-in-department": ("departments/water.yaml", 6, "areas.0", "unknown_area", "150123100"),
    "unknown-source": ("routes.yaml", 6, "route.routes.0.match.source.0", "unknown_source", "drop"),
    "unknown-deputy": ("departments/works.yaml", 4, "deputy", "unknown_department", "desk"),
    "deputy-loop": ("departments/desk.yaml", 4, "deputy", "deputy_loop", ""),
    "duty-desk-missing": ("county.yaml", 5, "duty_desk", "unknown_department", "desk"),
    "duty-desk-off": ("county.yaml", 5, "duty_desk", "duty_desk_disabled", ""),
    "off-without-deputy": ("departments/works.yaml", 1, "code", "disabled_without_deputy", "deputy"),
    "no-backstop": ("routes.yaml", 1, "route", "no_backstop", ""),
    "root-with-conditions": ("routes.yaml", 4, "route.match", "root_has_conditions", ""),
    "route-twice": ("routes.yaml", 9, "route.routes.1.name", "duplicate_route", ""),
    "route-never-reached": ("routes.yaml", 8, "route.routes.1.name", "never_reached", ""),
    "fourth-level": ("categories.yaml", 13, "categories.water.under.leak.under.pipe.under.joint", "too_deep", ""),
    "unknown-system": ("connectors/drop.yaml", 1, "system", "unknown_system", "files"),
    "unknown-connector-field": ("connectors/drop.yaml", 4, "pik", "unknown_field", "pick"),
    "connector-two-ways": ("connectors/drop.yaml", 7, "fields.title", "wrong_value", "exactly one"),
    "connector-unknown-category": ("connectors/drop.yaml", 11, "codes.category.停水", "unknown_category", "outage"),
    "source-twice": ("connectors/second.yaml", 2, "source", "source_twice", ""),
    "expectation-unknown-lead": ("routes.expect.yaml", 3, "expect.1.lead", "unknown_department", "works"),
}
ONE_WARNING: dict[str, tuple[str, int, str, str, str]] = {
    "warn-category-untaken": ("categories.yaml", 8, "categories.roads", "category_untaken", "takes"),
    "warn-department-unreached": ("departments/works.yaml", 1, "code", "department_unreached", "routes.yaml"),
    "warn-lead-does-not-take": ("routes.yaml", 6, "route.routes.0.match.category.0", "lead_does_not_take", "takes"),
}
SEVERAL = {"two-keys-twice", "many-faults"}


def pack(tmp_path: Path, fixture: str) -> Path:
    """The pack in order, with the fixture's files over it; `delete` names files that are taken away."""
    folder = tmp_path / "pack"
    shutil.copytree(CONFIG / "base", folder)
    over = CONFIG / f"conf.{fixture}"
    shutil.copytree(over, folder, dirs_exist_ok=True)
    if (over / "delete").exists():
        for name in (over / "delete").read_text().split():
            (folder / name).unlink()
    return folder


def inspected(tmp_path: Path, fixture: str) -> Inspection:
    return inspect(str(pack(tmp_path, fixture)))


@pytest.mark.parametrize("fixture", sorted(ONE_FAULT))
def test_the_fault_is_found_alone_and_on_its_line(tmp_path: Path, fixture: str) -> None:
    found = inspected(tmp_path, fixture)
    assert found.county is None
    assert len(found.faults) == 1, [fault.text() for fault in found.faults]
    fault = found.faults[0]
    file, line, key, kind, would_do = ONE_FAULT[fixture]
    assert (fault.file, fault.line, fault.key, fault.kind) == (file, line, key, kind)
    assert fault.found
    assert would_do in fault.would_do


@pytest.mark.parametrize("fixture", sorted(ONE_WARNING))
def test_what_is_only_odd_is_a_warning_and_the_pack_is_usable(tmp_path: Path, fixture: str) -> None:
    found = inspected(tmp_path, fixture)
    assert found.faults == []
    assert found.county is not None
    assert len(found.warnings) == 1, [warning.text() for warning in found.warnings]
    warning = found.warnings[0]
    file, line, key, kind, would_do = ONE_WARNING[fixture]
    assert (warning.file, warning.line, warning.key, warning.kind) == (file, line, key, kind)
    assert would_do in warning.would_do


def test_the_pack_under_the_fixtures_has_nothing_wrong() -> None:
    found = inspect(str(CONFIG / "base"))
    assert (found.faults, found.warnings) == ([], [])


def test_every_fixture_is_expected_here() -> None:
    there = {path.name.removeprefix("conf.") for path in CONFIG.glob("conf.*")}
    assert there == set(ONE_FAULT) | set(ONE_WARNING) | SEVERAL


def test_all_faults_of_all_files_are_named_at_once_in_order(tmp_path: Path) -> None:
    found = inspected(tmp_path, "many-faults")
    assert [(fault.file, fault.line, fault.kind) for fault in found.faults] == [
        ("categories.yaml", 7, "missing"),
        ("county.yaml", 5, "unknown_department"),
        ("departments/water.yaml", 5, "unknown_field"),
        ("routes.yaml", 7, "unknown_department"),
        ("routes.yaml", 11, "unknown_category"),
    ]


def test_every_key_that_is_there_twice_is_named(tmp_path: Path) -> None:
    found = inspected(tmp_path, "two-keys-twice")
    assert [(fault.line, fault.key) for fault in found.faults] == [(7, "kind"), (8, "code")]


def test_load_refuses_a_pack_with_faults_and_says_all_of_them(tmp_path: Path) -> None:
    with pytest.raises(CountyError) as refused:
        load(str(pack(tmp_path, "many-faults")))
    assert len(refused.value.faults) == 5
    assert "routes.yaml:7" in str(refused.value)


def test_a_pack_that_is_not_there_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(CountyError) as refused:
        load("helinn")
    assert "helin" in refused.value.faults[0].would_do


def test_a_secret_is_not_shown_in_a_fault(tmp_path: Path) -> None:
    folder = pack(tmp_path, "unknown-lead")
    (folder / "connectors" / "drop.yaml").write_text(
        "system: city_rest\nsource: drop\nauth: {kind: token, secret: 1234567}\n",
        encoding="utf-8",
    )
    said = " ".join(fault.text() for fault in inspect(str(folder)).faults)
    assert "secret" in said
    assert "1234567" not in said


def test_faults_speak_the_operators_language(tmp_path: Path) -> None:
    folder = str(pack(tmp_path, "unknown-lead"))
    assert "没有承办单位 watre" in inspect(folder).faults[0].text()
    use_language("en")
    assert inspect(folder).faults[0].text() == (
        "routes.yaml:7: route.routes.0.lead: there is no department watre; would do: did you mean water?"
    )


DAMAGE = ("[]", "{}", "null", "1", "true", '"x"', "[[1]]", "{a: b}", "? [a]: b", "&a [*a]", "- x", "\t", "'", "%", "")


@given(
    file=st.sampled_from(sorted(str(path.relative_to(CONFIG / "base")) for path in (CONFIG / "base").rglob("*.yaml"))),
    line=st.integers(0, 20),
    damage=st.sampled_from(DAMAGE),
    keep_key=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_a_file_is_a_fault_and_never_an_exception(
    tmp_path_factory: pytest.TempPathFactory, file: str, line: int, damage: str, keep_key: bool
) -> None:
    folder = tmp_path_factory.mktemp("damaged") / "pack"
    shutil.copytree(CONFIG / "base", folder)
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    line %= len(lines)
    lines[line] = f"{lines[line].split(':')[0]}: {damage}" if keep_key else damage
    (folder / file).write_text("\n".join(lines), encoding="utf-8")
    found = inspect(str(folder))
    assert (found.county is None) == bool(found.faults)
    assert all(fault.file and fault.line >= 0 and fault.found for fault in found.faults)
