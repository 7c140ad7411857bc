"""What no single file can be wrong about: names in one file that another file must know.

A file that is itself at fault does not make the others look wrong: what it would have declared counts as known.
"""

from collections.abc import Collection, Iterator

from deploy.console import t
from deploy.county.categories import LEVELS, walk
from deploy.county.document import Document, Loc
from deploy.county.faults import Fault, FaultKind, listed, suggestion
from deploy.county.files import ExpectationsFile
from deploy.county.pack import Pack, nodes
from streams.domain import deadlines as clocks
from streams.domain import policy as rules


def cross_faults(pack: Pack) -> list[Fault]:
    """All of them, in no order."""
    return [
        *_rules(pack),
        *_depth(pack),
        *_departments(pack),
        *_routes(pack),
        *_areas(pack),
        *_expectations(pack),
        *_sources(pack),
        *_codes(pack),
        *_deadlines(pack),
    ]


def _rules(pack: Pack) -> Iterator[Fault]:
    """What the rules refuse, with the line it was said on."""
    for fault in rules.faults(pack.policy()):
        document, loc = _place(pack, fault.where, fault.found)
        if document is None:
            continue
        zh, en = _REFUSED[fault.kind]
        would_do = t(*_REMEDY[fault.kind])
        if fault.kind is rules.FaultKind.UNKNOWN_DEPARTMENT:
            would_do = suggestion(fault.found, pack.codes(), t("已有的承办单位：", "one of ") + listed(pack.codes()))
        yield document.fault(loc, fault.kind, t(zh, en).format(fault.found), would_do)


_REFUSED: dict[rules.FaultKind, tuple[str, str]] = {
    rules.FaultKind.DUPLICATE_DEPARTMENT: ("代码 {} 有两个文件", "code {} has two files"),
    rules.FaultKind.UNKNOWN_DEPARTMENT: ("没有承办单位 {}", "there is no department {}"),
    rules.FaultKind.DEPUTY_LOOP: ("代办单位绕回自己（经 {}）", "its deputies lead back to itself (by {})"),
    rules.FaultKind.DISABLED_WITHOUT_DEPUTY: ("{} 已停用，又没有代办单位", "{} is switched off and has no deputy"),
    rules.FaultKind.DUTY_DESK_DISABLED: ("{} 已停用", "{} is switched off"),
    rules.FaultKind.DUPLICATE_ROUTE: ("同级规则重名：{}", "two rules side by side are called {}"),
    rules.FaultKind.ROOT_HAS_CONDITIONS: ("根规则 {} 不能有条件", "the root {} must not have conditions"),
    rules.FaultKind.NEVER_REACHED: ("永远轮不到：前面的 {} 已收下一切", "never reached: {} before it takes everything"),
}
_REMEDY: dict[rules.FaultKind, tuple[str, str]] = {
    rules.FaultKind.DUPLICATE_DEPARTMENT: ("只留一个", "keep one"),
    rules.FaultKind.UNKNOWN_DEPARTMENT: ("", ""),
    rules.FaultKind.DEPUTY_LOOP: ("让其中一个指向县中心", "let one of them name the duty desk"),
    rules.FaultKind.DISABLED_WITHOUT_DEPUTY: ("写上 deputy，或 enabled: true", "name a deputy, or enabled: true"),
    rules.FaultKind.DUTY_DESK_DISABLED: ("启用它，或另指一个", "switch it on, or name another"),
    rules.FaultKind.DUPLICATE_ROUTE: ("换一个名称", "another name"),
    rules.FaultKind.ROOT_HAS_CONDITIONS: ("去掉 match，它要兜底", "no match: it is the backstop"),
    rules.FaultKind.NEVER_REACHED: ("移到前面，或给前面的加上条件", "move it up, or give the other a condition"),
}


def _place(pack: Pack, where: str, found: str) -> tuple[Document | None, Loc]:
    """Where in the files the rules' path leads."""
    head, *rest = where.split(".")
    if head == "departments":
        stem = next((stem for stem, file in pack.departments.items() if file.code == rest[0]), rest[0])
        return pack.department_docs.get(stem), tuple(rest[1:]) or ("code",)
    if head == "routes":
        return pack.routes_doc, _route_place(pack, where, found)
    return pack.county_doc, (head,)


def _route_place(pack: Pack, where: str, found: str) -> Loc:
    """Names in a path may contain dots, so the tree is walked, not the path. Of two of one name, the second."""
    if pack.routes is None:
        return ()
    place: Loc = ("route",)
    for named, node, loc in nodes(pack.routes.route):
        if where == f"{named}.match":
            return (*loc, "match")
        if where == named:
            place = (*loc, "name")
            if node.lead == found:
                return (*loc, "lead")
            if found in (node.assists or ()):
                return (*loc, "assists", (node.assists or ()).index(found))
    return place


def _depth(pack: Pack) -> Iterator[Fault]:
    if pack.categories is None or pack.categories_doc is None:
        return
    for code, _, loc in walk(pack.categories.categories):
        if code.count(".") == LEVELS:
            found = t(f"{code} 是第四级", f"{code} is a fourth level")
            yield pack.categories_doc.fault(loc, FaultKind.TOO_DEEP, found, t("至多三级", "three levels at most"))


def _departments(pack: Pack) -> Iterator[Fault]:
    known = pack.categories_known()
    for stem, file in pack.departments.items():
        document = pack.department_docs[stem]
        if document is None:
            continue
        if known is not None:
            for number, pattern in enumerate(file.takes):
                yield from _category(document, ("takes", number), pattern, known)
        for number, area in enumerate(file.areas):
            yield from _area(pack, document, ("areas", number), area)


def _routes(pack: Pack) -> Iterator[Fault]:
    if pack.routes is None or pack.routes_doc is None:
        return
    document = pack.routes_doc
    known = pack.categories_known()
    sources = {entry.settings.source for entry in pack.connectors.values()}
    if pack.routes.route.lead is None:
        found, would_do = t("根规则没有 lead", "the root has no lead"), t("写上县中心", "name the duty desk")
        yield document.fault(("route",), FaultKind.NO_BACKSTOP, found, would_do)
    for _, node, loc in nodes(pack.routes.route):
        for number, pattern in enumerate(node.match.category):
            if known is not None:
                yield from _category(document, (*loc, "match", "category", number), pattern, known)
        for number, area in enumerate(node.match.area):
            yield from _area(pack, document, (*loc, "match", "area", number), area)
        for number, source in enumerate(node.match.source):
            if len(sources) == len(pack.connector_docs) and source not in sources:
                yield document.fault((*loc, "match", "source", number), FaultKind.UNKNOWN_SOURCE,
                                     t(f"没有来源 {source}", f"no connector has the source {source}"),
                                     suggestion(source, sources, listed(sources)))  # fmt: skip


def _areas(pack: Pack) -> Iterator[Fault]:
    if pack.county is not None and pack.county_doc is not None and pack.county.area is not None:
        yield from _area(pack, pack.county_doc, ("area",), pack.county.area)


def _expectations(pack: Pack) -> Iterator[Fault]:
    if pack.expectations is not None and pack.expectations_doc is not None:
        yield from expectation_faults(pack.expectations, pack.expectations_doc, pack.categories_known(), pack.codes())


def expectation_faults(
    file: ExpectationsFile, document: Document, categories: Collection[str] | None, departments: Collection[str]
) -> Iterator[Fault]:
    """Names that nothing is called. An area may be any: also what lies outside the county is routed somewhere."""
    for number, expected in enumerate(file.expect):
        loc: Loc = ("expect", number)
        if categories is not None and expected.category is not None:
            yield from _category(document, (*loc, "category"), expected.category, categories)
        for key, code in (("lead", expected.lead), *(("assists", code) for code in expected.assists or ())):
            if code not in departments:
                yield _no_department(document, (*loc, key), code, departments)


def _sources(pack: Pack) -> Iterator[Fault]:
    """Two connectors with one source would give two dispatches one id."""
    first: dict[str, str] = {}
    for name, entry in pack.connectors.items():
        source = entry.settings.source
        if source in first:
            found = t(f"来源 {source} 已属于 {first[source]}", f"{source} is already the source of {first[source]}")
            yield pack.connector_docs[name].fault(
                ("source",), FaultKind.SOURCE_TWICE, found, t("换一个", "another one")
            )
        first.setdefault(source, name)


def _codes(pack: Pack) -> Iterator[Fault]:
    """Code tables of connectors: what they turn the outside's codes into must be known here."""
    categories = pack.categories_known()
    departments = pack.codes()
    for name, entry in pack.connectors.items():
        document, codes = pack.connector_docs[name], getattr(entry.settings, "codes", None)
        for theirs, ours in getattr(codes, "category", {}).items():
            if categories is not None:
                yield from _category(document, ("codes", "category", theirs), ours.to, categories)
        for theirs, code in getattr(codes, "about", {}).items():
            if code not in departments:
                yield _no_department(document, ("codes", "about", theirs), code, departments)
        for one, other in getattr(codes, "area", {}).items():
            yield from _area(pack, document, ("codes", "area", one), one if one.isdigit() else other)


def _no_department(document: Document, loc: Loc, code: str, known: Collection[str]) -> Fault:
    found = t(f"没有承办单位 {code}", f"there is no department {code}")
    return document.fault(loc, FaultKind.UNKNOWN_DEPARTMENT, found, suggestion(code, known, listed(known)))


def _category(document: Document, loc: Loc, pattern: str, known: Collection[str]) -> Iterator[Fault]:
    if pattern not in known:
        found = t(f"没有分类 {pattern}", f"there is no category {pattern}")
        yield document.fault(
            loc,
            FaultKind.UNKNOWN_CATEGORY,
            found,
            suggestion(pattern, known, t("见 categories.yaml", "see categories.yaml")),
        )


def _area(pack: Pack, document: Document, loc: Loc, pattern: str) -> Iterator[Fault]:
    known = pack.areas_known()
    if known is not None and not any(code.startswith(pattern) for code in known):
        found = t(f"没有区划 {pattern}", f"there is no area {pattern}")
        yield document.fault(
            loc, FaultKind.UNKNOWN_AREA, found, suggestion(pattern, known, t("见 areas.yaml", "see areas.yaml"))
        )


_CLOCKS_REFUSED: dict[clocks.FaultKind, tuple[str, str]] = {
    clocks.FaultKind.DUPLICATE_RULE: ("规则重名：{}", "two rules of this clock are called {}"),
    clocks.FaultKind.OVERLAPPING_RULES: ("与规则 {} 重叠，不知用哪一条", "both this and {} could apply"),
    clocks.FaultKind.IDLE_STEP: ("这一步 {} 永远不会发生", "nothing ever opens this step {}"),
}
_CLOCKS_REMEDY: dict[clocks.FaultKind, tuple[str, str]] = {
    clocks.FaultKind.DUPLICATE_RULE: ("换一个名称", "another name"),
    clocks.FaultKind.OVERLAPPING_RULES: (
        "改条件，或用 order 排先后（小的优先）",
        "other conditions, or an `order` for each (the lower one applies)",
    ),
    clocks.FaultKind.IDLE_STEP: (
        "写上 marks、after_written 或 dissatisfied_rounds",
        "`marks`, `after_written` or `dissatisfied_rounds`",
    ),
}


def _deadlines(pack: Pack) -> Iterator[Fault]:
    document = pack.deadlines_doc
    if pack.deadlines is None or document is None:
        return
    for fault in clocks.faults(pack.deadlines):
        loc: Loc = tuple(int(step) if step.isdecimal() else step for step in fault.where.split("."))
        zh, en = _CLOCKS_REFUSED[fault.kind]
        yield document.fault(loc, fault.kind, t(zh, en).format(fault.found), t(*_CLOCKS_REMEDY[fault.kind]))
    known = pack.categories_known()
    if known is None:
        return
    for clock, clock_rules in pack.deadlines.clocks.items():
        for number, rule in enumerate(clock_rules):
            for at, category in enumerate(rule.when.category):
                if category not in known:
                    place: Loc = ("clocks", clock, number, "when", "category", at)
                    would_do = suggestion(category, known, "")
                    found = t(f"没有类别 {category}", f"there is no category {category}")
                    yield document.fault(place, FaultKind.UNKNOWN_CATEGORY, found, would_do)
