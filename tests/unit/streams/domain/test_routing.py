"""Routing: the tree, its backstop, deputies; and the index answers what the plain walk answers."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dispatch import Dispatch, Kind, Place, Urgency
from streams.domain import routing
from streams.domain.explaining import explain
from streams.domain.policy import Department, Match, Policy, RouteNode, faults
from streams.domain.routing import Routed, RouteReason
from streams.domain.tree import Facts, Node, matches
from tests.support.domain import CODES, a_department, a_dispatch, a_policy


def _node(name: str, lead: str | None = None, *routes: RouteNode, **said: Any) -> RouteNode:
    own = {key: said.pop(key) for key in ("assists", "go_on") if key in said}
    match = Match(**{key: value if isinstance(value, tuple) else (value,) for key, value in said.items()})
    return RouteNode(name=name, lead=lead, match=match, routes=routes, **own)


def _policy(*routes: RouteNode, **changes: Any) -> Policy:
    return a_policy(**{"routes": RouteNode(name="all", routes=routes), **changes})


def _route(policy: Policy, barred: frozenset[str] = frozenset(), **changes: Any) -> Routed:
    return routing.compile(policy).route(a_dispatch(**changes), barred)


CATEGORY = "utilities.water.outage"
TREES: dict[str, tuple[tuple[RouteNode, ...], str, tuple[str, ...], tuple[str, ...]]] = {
    "nothing matches: the backstop": ((_node("a", "water", category="housing"),), "desk", (), ("all",)),
    "the first match wins": (
        (_node("a", "water", category="utilities"), _node("b", "power", category="utilities.water")),
        "water", (), ("all", "a"),
    ),
    "a deeper match wins over its parent": (
        (_node("a", "gas", _node("b", "water", category=CATEGORY), category="utilities"),),
        "water", (), ("all", "a", "b"),
    ),
    "a parent answers where no child does": (
        (_node("a", "gas", _node("b", "water", words="没有的词"), category="utilities"),), "gas", (), ("all", "a"),
    ),
    "a child inherits": (
        (_node("a", "gas", _node("b", None, category=CATEGORY), category="utilities", assists=("town",)),),
        "gas", ("town",), ("all", "a", "b"),
    ),
    "a child may refuse its inheritance": (
        (_node("a", "gas", _node("b", None, category=CATEGORY, assists=()), assists=("town",)),),
        "gas", (), ("all", "a", "b"),
    ),
    "a prefix ends at a dot": (
        (_node("a", "water", category="utilities.wat"), _node("b", "power", category="util")), "desk", (), ("all",),
    ),
    "an area is a prefix of digits": ((_node("a", "town", area="150123"),), "town", (), ("all", "a")),
    "a longer area than the dispatch has": ((_node("a", "town", area="150123100001"),), "desk", (), ("all",)),
    "a word in the title": ((_node("a", "water", words=("断电", "停水")),), "water", (), ("all", "a")),
    "a word in the body": ((_node("a", "water", words="三号楼"),), "water", (), ("all", "a")),
    "all conditions must hold": (
        (_node("a", "water", category="utilities", urgency=Urgency.CRITICAL),), "desk", (), ("all",),
    ),
    "one of each list is enough": (
        (_node("a", "water", category=("housing", "utilities"), kind=(Kind.OTHER, Kind.HELP)),),
        "water", (), ("all", "a"),
    ),
    "by source": ((_node("a", "power", source="other"), _node("b", "water", source="city")), "water", (), ("all", "b")),
    "going on adds assists": (
        (
            _node("a", "water", category="utilities", go_on=True, assists=("gas",)),
            _node("b", "town", area="150123100"),
            _node("c", "housing"),
        ),
        "water", ("gas", "town"), ("all", "a"),
    ),
    "going on never doubles": (
        (_node("a", "water", go_on=True, assists=("town",)), _node("b", "town", assists=("water",))),
        "water", ("town",), ("all", "a"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TREES)
def test_the_tree(what: str) -> None:
    routes, lead, assists, path = TREES[what]
    routed = _route(_policy(*routes))
    assert (routed.lead, routed.assists, routed.path) == (lead, assists, path)
    assert routed.reason is (RouteReason.BACKSTOP if path == ("all",) else RouteReason.RULE)


def _with(**deputies: tuple[bool, str | None]) -> tuple[Department, ...]:
    return tuple(
        a_department(code, enabled=deputies.get(code, (True, None))[0], deputy=deputies.get(code, (True, None))[1])
        for code in CODES
    )


WATER = _node("a", "gas", _node("b", "water", category="utilities.water", assists=("town",)), category="utilities")
SEATS: dict[str, tuple[tuple[Department, ...], str, tuple[str, ...]]] = {
    "a deputy": (_with(water=(False, "power")), "power", ("town",)),
    "a deputy's deputy": (_with(water=(False, "power"), power=(False, "housing")), "housing", ("town",)),
    "a loop of deputies is nobody": (_with(water=(False, "power"), power=(False, "water")), "gas", ()),
    "nobody: the next rule up": (_with(water=(False, None)), "gas", ()),
    "nobody anywhere: the backstop": (_with(water=(False, None), gas=(False, None)), "desk", ()),
    "the desk's deputy": (_with(water=(False, None), gas=(False, None), desk=(False, "housing")), "housing", ()),
    "not even a desk: the arbiter": (
        _with(water=(False, None), gas=(False, None), desk=(False, None)), "arbiter", (),
    ),
    "an assist that is off": (_with(town=(False, None)), "water", ()),
    "an assist whose deputy leads": (_with(town=(False, "water")), "water", ()),
}  # fmt: skip


@pytest.mark.parametrize("what", SEATS)
def test_who_sits_there(what: str) -> None:
    departments, lead, assists = SEATS[what]
    routed = _route(_policy(WATER, departments=departments))
    assert (routed.lead, routed.assists) == (lead, assists)


@pytest.mark.parametrize(
    ("barred", "lead", "reason"),
    [
        ((), "water", RouteReason.RULE),
        (("water",), "gas", RouteReason.RULE),
        (("water", "gas"), "desk", RouteReason.BACKSTOP),
        (("water", "gas", "desk"), "arbiter", RouteReason.ARBITER),
    ],
)
def test_who_gave_it_back_is_not_asked_again(barred: tuple[str, ...], lead: str, reason: RouteReason) -> None:
    routed = _route(_policy(WATER), frozenset(barred))
    assert (routed.lead, routed.reason) == (lead, reason)


@pytest.mark.parametrize(("barred", "lead"), [((), "desk"), (("desk",), "arbiter")])
def test_an_unknown_category_goes_to_the_duty_desk(barred: tuple[str, ...], lead: str) -> None:
    for view in ({"category": "unknown"}, {"unknown": ("category",)}):
        assert _route(_policy(WATER), frozenset(barred), **view).lead == lead


def test_another_unknown_code_does_not_matter() -> None:
    assert _route(_policy(WATER), unknown=("area",)).lead == "water"


# --- the index against the plain walk

LABELS = ("utilities", "housing", "land")
CATEGORIES = [*LABELS, *(f"{a}.{b}" for a in LABELS for b in ("x", "y")), *(f"{a}.x.{c}" for a in LABELS for c in "pq")]
AREAS = ["1501", "150123", "150123100", "150123101", "150123100001"]


def _some(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), min_size=1, max_size=3).map(tuple))


MATCHES = st.builds(
    Match,
    category=_some(CATEGORIES),
    area=_some(AREAS),
    urgency=_some(list(Urgency)),
    kind=_some([Kind.HELP, Kind.COMPLAINT]),
    source=_some(["city", "other"]),
    words=_some(["停水", "停电", "楼"]),
)
LEADS = st.one_of(st.none(), st.sampled_from(CODES))
LEAVES = st.builds(
    RouteNode, name=st.sampled_from("abcdef"), match=MATCHES, lead=LEADS, assists=st.one_of(st.none(), _some([*CODES])),
    go_on=st.booleans(),
)  # fmt: skip
TREE = st.recursive(
    LEAVES,
    lambda children: st.builds(
        RouteNode, name=st.sampled_from("abcdef"), match=MATCHES, lead=LEADS,
        assists=st.one_of(st.none(), _some([*CODES])), go_on=st.booleans(),
        routes=st.lists(children, max_size=5).map(tuple),
    ),
    max_leaves=12,
)  # fmt: skip
DISPATCHES = st.builds(
    lambda category, area, urgency, kind, title, about: a_dispatch(
        category=category, place=Place(area_code=area), urgency=urgency, kind=kind, title=title, about=about
    ),
    st.sampled_from([*CATEGORIES, "other.z"]),
    st.sampled_from(["150123", "150123100", "150123101", "150123100001", "150124", None]),
    st.sampled_from(list(Urgency)),
    st.sampled_from([Kind.HELP, Kind.COMPLAINT, Kind.PRAISE]),
    st.sampled_from(["停水", "停电三号楼", "噪音"]),
    _some(list(CODES)),
)
POLICIES = st.builds(
    lambda routes, off: a_policy(
        routes=RouteNode(name="all", routes=tuple(routes)),
        departments=tuple(a_department(code, enabled=code not in off, deputy=off.get(code)) for code in CODES),
    ),
    st.lists(TREE, max_size=6),
    st.dictionaries(st.sampled_from(CODES), st.one_of(st.none(), st.sampled_from(CODES)), max_size=3),
)


def _walk(node: Node, facts: Facts, seated: dict[str, str | None], barred: frozenset[str]) -> list[Node]:
    """The tree as it is described, without an index."""
    found: list[Node] = []
    for child in node.children:
        if not matches(child.match, facts):
            continue
        took = _walk(child, facts, seated, barred)
        found += took
        if took and not child.go_on:
            break
    if found:
        return found
    seat = seated[node.lead]
    return [node] if seat is not None and seat not in barred else []


@settings(max_examples=120, deadline=None)
@given(POLICIES, DISPATCHES, st.frozensets(st.sampled_from(CODES), max_size=3))
def test_the_index_answers_what_the_plain_walk_answers(
    policy: Policy, dispatch: Dispatch, barred: frozenset[str]
) -> None:
    router = routing.compile(policy)
    seated = {code: router.seats.of(code) for code in CODES}
    found = _walk(router.root, Facts(dispatch), seated, barred)
    routed = router.route(dispatch, barred)
    if not found:
        assert routed.reason is RouteReason.ARBITER
    elif seated[found[0].lead] not in dispatch.about:
        assert (routed.lead, routed.path) == (seated[found[0].lead], found[0].path)
    assert routed.lead not in routed.assists
    assert routed.reason is RouteReason.ARBITER or routed.lead not in barred
    assert explain(router, dispatch, barred).routed == routed


def test_the_walk_notices_an_index_that_loses_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Node.candidates
    monkeypatch.setattr(Node, "candidates", lambda self, facts: list(whole(self, facts))[1:])
    router = routing.compile(_policy(WATER))
    found = _walk(router.root, Facts(a_dispatch()), {code: code for code in CODES}, frozenset())
    assert router.route(a_dispatch()).path != found[0].path


# --- why


def test_the_explanation_names_the_path_and_the_nearest_others() -> None:
    policy = _policy(
        _node("urgent", "power", category="utilities", urgency=Urgency.CRITICAL, area="150123"),
        WATER,
        _node("town", "town", area="150123100"),
        _node("land", "housing", category="land", words="征地"),
    )
    told = explain(routing.compile(policy), a_dispatch())
    assert [step.name for step in told.steps] == ["all", "a", "b"]
    assert [(miss.path[-1], miss.passed_over) for miss in told.misses][:2] == [("town", "earlier"), ("urgent", None)]
    (failed,) = told.misses[1].failed
    assert (failed.name, failed.wanted, failed.found) == ("urgency", ("critical",), "normal")
    assert [one.name for one in told.misses[2].failed] == ["category", "words"]


def test_the_explanation_tells_a_rule_that_nobody_answers_for() -> None:
    told = explain(routing.compile(_policy(WATER, departments=_with(water=(False, None)))), a_dispatch())
    assert told.routed.lead == "gas"
    assert [(miss.path[-1], miss.passed_over) for miss in told.misses] == [("b", "nobody")]


# --- what can be wrong with a policy

FAULTS: dict[str, tuple[Policy, list[tuple[str, str]]]] = {
    "nothing": (a_policy(), []),
    "twice": (
        a_policy(departments=(*a_policy().departments, a_department("gas"))),
        [("duplicate_department", "departments.gas")],
    ),
    "a deputy nobody knows": (
        a_policy(departments=_with(water=(True, "nobody"))), [("unknown_department", "departments.water.deputy")],
    ),
    "off without a deputy": (
        a_policy(departments=_with(water=(False, None))), [("disabled_without_deputy", "departments.water")],
    ),
    "a loop": (
        a_policy(departments=_with(water=(True, "gas"), gas=(True, "water"))),
        [("deputy_loop", "departments.water.deputy"), ("deputy_loop", "departments.gas.deputy")],
    ),
    "no desk": (a_policy(duty_desk="nobody"), [("unknown_department", "duty_desk")]),
    "a desk that is off": (
        a_policy(departments=_with(desk=(False, "gas"))), [("duty_desk_disabled", "duty_desk")],
    ),
    "a route to nobody": (_policy(_node("a", "nobody")), [("unknown_department", "routes.a")]),
    "an assist that nobody knows": (
        _policy(_node("a", "gas", _node("b", assists=("nobody",)))), [("unknown_department", "routes.a.b")],
    ),
    "a root with conditions": (
        a_policy(routes=_node("all", "desk", category="land")), [("root_has_conditions", "routes.match")],
    ),
    "two routes of one name": (
        _policy(_node("a", "gas", category="land"), _node("a", "water", category="housing")),
        [("duplicate_route", "routes.a")],
    ),
    "a route behind one that takes all": (
        _policy(_node("a", "gas"), _node("b", "water")), [("never_reached", "routes.b")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTS)
def test_all_faults_are_named_at_once(what: str) -> None:
    policy, found = FAULTS[what]
    assert [(fault.kind.value, fault.where) for fault in faults(policy)] == found
