"""The routing tree, compiled: what a dispatch offers, whether a rule takes it, and which rules are worth asking.

The index only leaves out rules that cannot match; order and answer are those of the plain walk, depth first.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from schemas.dispatch import Dispatch
from streams.domain.policy import Match, RouteNode


class Facts:
    """What a dispatch offers to conditions, prepared once."""

    __slots__ = ("_letters", "area", "categories", "kind", "source", "text", "urgency")

    def __init__(self, dispatch: Dispatch) -> None:
        parts = dispatch.category.split(".")
        self.categories = [".".join(parts[: n + 1]) for n in range(len(parts))]
        self.area = dispatch.place.area_code or ""
        self.kind = dispatch.kind
        self.urgency = dispatch.urgency
        self.source = dispatch.source
        self.text = f"{dispatch.title}\n{dispatch.body}"
        self._letters: frozenset[str] | None = None

    @property
    def letters(self) -> frozenset[str]:
        """The characters that occur in the text."""
        if self._letters is None:
            self._letters = frozenset(self.text)
        return self._letters


def matches(match: Match, facts: Facts) -> bool:
    """Whether every condition holds."""
    return (
        (not match.category or any(pattern in facts.categories for pattern in match.category))
        and (not match.area or facts.area.startswith(match.area))
        and (not match.urgency or facts.urgency in match.urgency)
        and (not match.source or facts.source in match.source)
        and (not match.kind or facts.kind in match.kind)
        and (not match.words or any(word in facts.text for word in match.words))
    )


class Words:
    """Which of many words occur in a text, without looking for each: only for those with a letter that occurs there."""

    __slots__ = ("_by_letter",)

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        """Pairs of a word and what is to be found by it."""
        pairs = list(words)
        used = Counter(letter for word, _ in pairs for letter in set(word))
        self._by_letter: dict[str, list[tuple[str, int]]] = {}
        for word, found in pairs:
            rarest = min(word, key=lambda letter: (used[letter], letter))
            self._by_letter.setdefault(rarest, []).append((word, found))

    def of(self, facts: Facts) -> list[int]:
        """What is found, in no order, perhaps more than once."""
        text = facts.text
        letters = self._by_letter.keys() & facts.letters
        return [found for letter in letters for word, found in self._by_letter[letter] if word in text]


class Node:
    """A compiled node: inheritance done, children found through an index."""

    __slots__ = (
        "_by_area",
        "_by_category",
        "_lengths",
        "_rest",
        "_words",
        "assists",
        "children",
        "go_on",
        "lead",
        "match",
        "path",
    )

    def __init__(self, node: RouteNode, lead: str, assists: tuple[str, ...], above: tuple[str, ...] = ()) -> None:
        self.match = node.match
        self.lead = node.lead or lead
        self.assists = assists if node.assists is None else node.assists
        self.path = (*above, node.name)
        self.go_on = node.go_on
        self.children = tuple(Node(child, self.lead, self.assists, self.path) for child in node.routes)
        self._by_category: dict[str, list[int]] = {}
        self._by_area: dict[str, list[int]] = {}
        self._rest: list[int] = []
        words: list[tuple[str, int]] = []
        for index, child in enumerate(self.children):
            self._file(index, child.match, words)
        self._lengths = sorted({len(pattern) for pattern in self._by_area})
        self._words = Words(words) if words else None

    def _file(self, index: int, match: Match, words: list[tuple[str, int]]) -> None:
        """Under the first of category, area and words that the child asks for."""
        if match.category:
            for pattern in dict.fromkeys(match.category):
                self._by_category.setdefault(pattern, []).append(index)
        elif match.area:
            for pattern in dict.fromkeys(match.area):
                self._by_area.setdefault(pattern, []).append(index)
        elif match.words:
            words += [(word, index) for word in match.words]
        else:
            self._rest.append(index)

    def candidates(self, facts: Facts) -> Iterable[int]:
        """Children that can match, in order: what they are filed under holds, or they are filed under nothing."""
        found = [hit for category in facts.categories if (hit := self._by_category.get(category))]
        found += [hit for length in self._lengths if (hit := self._by_area.get(facts.area[:length]))]
        if self._words is not None and (hit := self._words.of(facts)):
            found.append(sorted(set(hit)))
        if self._rest:
            found.append(self._rest)
        if len(found) < 2:
            return found[0] if found else ()
        return sorted({index for hit in found for index in hit})

    def taking(self, facts: Facts, open_: Callable[["Node"], bool]) -> list["Node"]:
        """The nodes that take it, in order: those among the children, else this one, unless it is not open."""
        found: list[Node] = []
        for index in self.candidates(facts):
            child = self.children[index]
            if matches(child.match, facts):
                took = child.taking(facts, open_)
                found += took
                if took and not child.go_on:
                    break
        return found or ([self] if open_(self) else [])
