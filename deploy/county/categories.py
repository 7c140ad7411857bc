"""The tree of matters, flat: every code with its names."""

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.county.document import Loc
from deploy.county.files import CategoriesFile, CategoryNode, Names

LEVELS = 3


def walk(
    nodes: Mapping[str, CategoryNode], above: str = "", at: Loc = ("categories",)
) -> Iterator[tuple[str, CategoryNode, Loc]]:
    """Every category with its whole code and its place in the file, parents first."""
    for segment, node in nodes.items():
        code = f"{above}.{segment}" if above else segment
        here = (*at, segment)
        yield code, node, here
        yield from walk(node.under, code, (*here, "under"))


def flat(file: CategoriesFile) -> dict[str, Names]:
    """Code -> names, parents first."""
    return {code: Names(zh=node.zh, en=node.en) for code, node, _ in walk(file.categories)}


def roughly(data: Any) -> dict[str, Any]:
    """The codes in a file that need not be right: what has the shape of a category is one."""
    found: dict[str, Any] = {}

    def collect(nodes: Any, above: str) -> None:
        if isinstance(nodes, dict):
            for segment, node in nodes.items():
                code = f"{above}.{segment}" if above else str(segment)
                found[code] = node
                collect(node.get("under") if isinstance(node, dict) else None, code)

    collect(data.get("categories") if isinstance(data, dict) else None, "")
    return found


def leaves(codes: Mapping[str, object]) -> list[str]:
    """Codes that have nothing under them."""
    parents = {code.rpartition(".")[0] for code in codes}
    return [code for code in codes if code not in parents]


def covers(pattern: str, code: str) -> bool:
    """Whether the pattern takes the category: it is the code or one above it."""
    return code == pattern or code.startswith(pattern + ".")
