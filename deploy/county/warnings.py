"""What is odd in a pack without faults: it works, but hardly as it was meant."""

from collections.abc import Iterator

from deploy.console import t
from deploy.county.categories import covers, flat, leaves, walk
from deploy.county.faults import Fault, WarningKind
from deploy.county.pack import Pack, nodes
from streams.domain.deadlines import uncovered


def warnings(pack: Pack) -> list[Fault]:
    """What is odd in a pack without faults."""
    return [*_untaken(pack), *_unreached(pack), *_mismatched(pack), *_empty(pack), *_untimed(pack)]


def _untimed(pack: Pack) -> Iterator[Fault]:
    if pack.deadlines is None or pack.deadlines_doc is None:
        return
    for clock in pack.deadlines.clocks:
        for basis in uncovered(pack.deadlines, clock)[:3]:
            found = t(
                f"{clock} 没有用于 {basis.urgency}、{basis.kind} 的规则",
                f"{clock} has no rule for {basis.urgency}, {basis.kind}",
            )
            would_do = t("这类派单不会有这个时限；补一条规则", "such a dispatch has no such deadline: add a rule")
            yield pack.deadlines_doc.fault(("clocks", clock), WarningKind.CASE_WITHOUT_DEADLINE, found, would_do)


def _untaken(pack: Pack) -> Iterator[Fault]:
    if pack.categories is None or pack.categories_doc is None:
        return
    taken = [pattern for file in pack.departments.values() for pattern in file.takes]
    known = flat(pack.categories)
    ends = set(leaves(known))
    for code, node, loc in walk(pack.categories.categories):
        if code in ends and not any(covers(pattern, code) for pattern in taken):
            found = t(f"没有承办单位负责 {code} {node.zh}", f"no department takes {code} {node.en or node.zh}")
            would_do = t("写进某个单位的 takes", "put it into the `takes` of a department")
            yield pack.categories_doc.fault(loc, WarningKind.CATEGORY_UNTAKEN, found, would_do)


def _unreached(pack: Pack) -> Iterator[Fault]:
    if pack.routes is None or pack.county is None:
        return
    reached = {pack.county.duty_desk, pack.county.arbiter}
    for _, node, _ in nodes(pack.routes.route):
        reached |= {node.lead or "", *(node.assists or ())}
    reached |= {file.deputy or "" for file in pack.departments.values() if not file.enabled}
    for stem, file in pack.departments.items():
        document = pack.department_docs[stem]
        if file.code not in reached and document is not None:
            found = t(f"没有规则派给 {file.code} {file.name.zh}", f"no route leads to {file.code}")
            would_do = t("在 routes.yaml 写一条规则，或删除该单位", "a rule in routes.yaml, or no such department")
            yield document.fault(("code",), WarningKind.DEPARTMENT_UNREACHED, found, would_do)


def _mismatched(pack: Pack) -> Iterator[Fault]:
    if pack.routes is None or pack.routes_doc is None:
        return
    takes = {file.code: file.takes for file in pack.departments.values()}
    for _, node, loc in nodes(pack.routes.route):
        if node.lead is None or not takes.get(node.lead) or node.match.words or node.match.area:
            continue
        for number, pattern in enumerate(node.match.category):
            if not any(covers(taken, pattern) or covers(pattern, taken) for taken in takes[node.lead]):
                found = t(
                    f"派给 {node.lead}，但它的 takes 里没有 {pattern}",
                    f"leads {pattern} to {node.lead}, which does not take it",
                )
                would_do = t("改规则，或写进该单位的 takes", "another lead, or put it into its `takes`")
                place = (*loc, "match", "category", number)
                yield pack.routes_doc.fault(place, WarningKind.LEAD_DOES_NOT_TAKE, found, would_do)


def _empty(pack: Pack) -> Iterator[Fault]:
    if not pack.connector_docs:
        found = t("没有连接器", "no connectors")
        yield Fault(
            "connectors", 0, "", found, t("connectors/<名称>.yaml", "connectors/<name>.yaml"), WarningKind.NO_CONNECTORS
        )
    if pack.expectations is None:
        found = t("没有派单规则的期望", "no expectations of the routes")
        yield Fault(
            "routes.expect.yaml",
            0,
            "",
            found,
            t("写几条，由 paidan routes test 检查", "write some for paidan routes test"),
            WarningKind.NO_EXPECTATIONS,
        )
