"""What a check declares to read, and how it is held to it: of a host's facts it is handed those, and no others."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, Literal, NoReturn, Protocol, TypeVar

from checker.facts.fact import Fact
from checker.facts.host_facts import HostFacts, Known, Unknown
from checker.inputs.deployment import Part

T = TypeVar("T")
# What a collection says of itself, where a finding stands on it.
Provenance = Literal["asked", "collected_at", "host_clock", "outcome"]
PROVENANCE: Mapping[Provenance, str] = {
    "asked": "what was asked of it",
    "collected_at": "when it was collected",
    "host_clock": "what its clock said then",
    "outcome": "how the collection of it ended",
}
Readable = Fact[Any] | Mapping[Part, Fact[Any]] | Provenance  # a mapping: the same fact of each part of the product
Reads = frozenset[str] | None  # paths of facts, and provenance; None: all, for whoever is no check


class Undeclared(Exception):
    """A check looks at what it has not declared to read: a fault of ours, and for the finding a crash as any other."""


def named(reads: Iterable[Readable]) -> frozenset[str]:
    """The paths of these facts, and of all that are of these families."""
    found: set[str] = set()
    for each in reads:
        if isinstance(each, str):
            found.add(each)
        else:
            found.update(fact.path for fact in ([each] if isinstance(each, Fact) else each.values()))
    return frozenset(found)


def demand(declared: Reads, path: str) -> None:
    """Raises Undeclared where a check may not read this fact."""
    if declared is not None and path not in declared:
        raise Undeclared(f"it reads {path}, which is not in its reads")


class _Withheld(Mapping[str, Known | Unknown]):
    """In place of a host's facts, for a check: it reads them through `case.host` and `case.before`, which note them."""

    def __getitem__(self, path: str) -> NoReturn:
        raise Undeclared(f"it reads {path} past case.host")

    def __iter__(self) -> Iterator[str]:
        raise Undeclared("it reads all facts past case.host")

    def __len__(self) -> int:
        raise Undeclared("it counts all facts past case.host")


def withheld(host: HostFacts) -> HostFacts:
    """What a collection says of itself: when, how and of what it was asked, and no fact."""
    return host.model_copy(update={"facts": _Withheld()})


class Collections(Mapping[str, HostFacts]):
    """The collections of all servers by name, each as `withheld` gives it."""

    def __init__(self, whole: Mapping[str, HostFacts]) -> None:
        self.whole = whole

    def __getitem__(self, server: str) -> HostFacts:
        return withheld(self.whole[server])

    def __contains__(self, server: object) -> bool:
        return server in self.whole

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole)

    def __len__(self) -> int:
        return len(self.whole)


class _Given(Protocol):
    """A case, as it was made or as a check is given it; `whole`: the first, which holds all facts."""

    @property
    def reads(self) -> Reads: ...

    @property
    def whole(self) -> Any: ...


class Once(Generic[T]):
    """A value of the case that is made of all facts once, for the checks that declare what it is made of."""

    def __init__(self, reads: frozenset[str], make: Callable[[Any], T]) -> None:
        self.reads, self.make, self.__doc__ = reads, make, make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, case: _Given, owner: type | None = None) -> T:
        for path in self.reads:
            demand(case.reads, path)
        whole = case.whole or case
        made = vars(whole)
        if self.name not in made:
            made[self.name] = self.make(whole)
        value: T = made[self.name]
        return value


def once(*reads: Readable) -> Callable[[Callable[[Any], T]], Once[T]]:
    """Declare a method to be such a value, made of these facts."""
    return lambda make: Once(named(reads), make)
