"""The books share nothing with what they audit but the names of the topics and how to reach Kafka."""

import ast
from pathlib import Path

import pytest

import deploy.books

FILES = sorted(Path(deploy.books.__file__).parent.rglob("*.py"))
SHARED = {"schemas.topics", "schemas.kafka", "deploy.console"}
NAMES = {"CITY", "INBOX", "JOURNAL", "FEEDBACK", "DEAD", "CASES", "PARTITIONS"}


def imported(tree: ast.AST) -> set[str]:
    """Modules that are imported, with what is taken from the package `schemas` itself."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"schemas.{a.name}" for a in node.names} if node.module == "schemas" else {node.module}
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_of_the_bridge_is_imported(file: Path) -> None:
    ours = {
        module
        for module in imported(ast.parse(file.read_text(encoding="utf-8")))
        if module.split(".")[0] in ("schemas", "connectors", "streams", "deploy")
        and not module.startswith("deploy.books")
    }
    assert ours <= SHARED


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_of_the_topics_only_names_and_width_are_used(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "topics"
    }
    assert used <= NAMES
