"""The order of servers, over every assignment of roles and against every other order."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations, combinations_with_replacement, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.inputs.deployment import Deployment, Server
from checker.schedule.order import collisions, database_server, first_tested, order, phase, reason

UNITS = ("database", "csm", "mta", "mail-filter", "euwi gwi")
PHASES = {"database": 1, "csm": 1, "mta": 2, "mail-filter": 2, "euwi": 3, "gwi": 3}
ROLE_SETS = tuple(" ".join(some) for count in range(1, 6) for some in combinations(UNITS, count))

# What the order may depend on: whether a server holds the Database, its earliest and its latest phase.
Kind = tuple[bool, int, int]
DATABASE_KINDS: tuple[Kind, ...] = ((True, 1, 1), (True, 1, 2), (True, 1, 3))
KINDS: tuple[Kind, ...] = tuple((False, low, high) for low in (1, 2, 3) for high in range(low, 4)) + DATABASE_KINDS
EXAMPLES = {
    (False, 1, 1): "csm", (False, 1, 2): "csm mta", (False, 1, 3): "csm gwi", (False, 2, 2): "mail-filter",
    (False, 2, 3): "mta euwi", (False, 3, 3): "euwi gwi", (True, 1, 1): "database csm",
    (True, 1, 2): "database mail-filter", (True, 1, 3): "database euwi",
}  # fmt: skip


def server(name: str, roles: str, first: bool = False) -> Server:
    return Server.model_validate({"name": name, "roles": roles.split(), "first": first})


def kind(roles: str) -> Kind:
    phases = [PHASES[role] for role in roles.split()]
    return "database" in roles.split(), min(phases), max(phases)


def collides(before: Kind, after: Kind) -> bool:
    return before[2] > after[1]


def number_of_collisions(kinds: Sequence[Kind]) -> int:
    return sum(collides(before, after) for before, after in combinations(kinds, 2))


@cache
def fewest(kinds: tuple[Kind, ...]) -> int:
    """The fewest collisions of all sequences of these (sorted) kinds: each is tried first, then all that remain."""
    tried = [(kind, kinds[:place] + kinds[place + 1 :]) for place, kind in enumerate(kinds)]
    return min((sum(collides(kind, other) for other in rest) + fewest(rest) for kind, rest in tried), default=0)


def fewest_with_a_database_first(kinds: Sequence[Kind]) -> int:
    some = sorted(kinds)
    firsts = [place for place, kind in enumerate(some) if kind[0]]
    tried = [(some[place], tuple(some[:place] + some[place + 1 :])) for place in firsts]
    return min(sum(collides(first, other) for other in rest) + fewest(rest) for first, rest in tried)


def fewest_allowed(kinds: Sequence[Kind]) -> int:
    has_database = any(kind[0] for kind in kinds)
    return fewest_with_a_database_first(kinds) if has_database else fewest(tuple(sorted(kinds)))


def test_every_set_of_roles_is_of_one_of_nine_kinds() -> None:
    assert len(ROLE_SETS) == 31
    assert {kind(roles) for roles in ROLE_SETS} == set(KINDS) == {kind(roles) for roles in EXAMPLES.values()}


@pytest.mark.parametrize("count", [1, 2, 3, pytest.param(4, marks=pytest.mark.large)])
def test_every_assignment_of_roles_is_ordered_by_its_kinds_alone(count: int) -> None:
    """All 954,304 assignments: two that agree in their kinds have the same order, and that is a permutation."""
    pools = [{roles: server(f"s{place}", roles) for roles in ROLE_SETS} for place in range(count)]
    kinds = {roles: kind(roles) for roles in ROLE_SETS}
    orders: dict[tuple[Kind, ...], tuple[str, ...]] = {}
    for assignment in product(ROLE_SETS, repeat=count):
        ordered = tuple(
            each.name for each in order([pool[roles] for pool, roles in zip(pools, assignment, strict=True)])
        )
        assert orders.setdefault(tuple(kinds[roles] for roles in assignment), ordered) == ordered
    assert len(orders) == 9**count
    assert {tuple(sorted(ordered)) for ordered in orders.values()} == {tuple(f"s{place}" for place in range(count))}


def ordered_kinds(kinds: Sequence[Kind]) -> list[Kind]:
    servers = [server(f"s{place}", EXAMPLES[kind]) for place, kind in enumerate(kinds)]
    return [kinds[int(each.name[1:])] for each in order(servers)]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_in_every_declared_order_the_database_is_first_phases_never_go_down_and_collisions_are_fewest(
    count: int,
) -> None:
    for declared in product(KINDS, repeat=count):
        ordered = ordered_kinds(declared)
        assert ordered[0][0] == any(kind[0] for kind in declared), declared
        assert [kind[1] for kind in ordered] == sorted(kind[1] for kind in declared), declared
        assert number_of_collisions(ordered) == fewest_allowed(declared), declared


@pytest.mark.parametrize("count", [5, 6, 7])
def test_no_order_of_more_servers_that_keeps_a_database_first_has_fewer_collisions(count: int) -> None:
    for declared in combinations_with_replacement(KINDS, count):
        assert number_of_collisions(ordered_kinds(declared)) == fewest_allowed(declared), declared


def test_the_fewest_collisions_are_those_of_trying_every_permutation() -> None:
    for kinds in combinations_with_replacement(KINDS, 4):
        every = [some for some in permutations(kinds) if some[0][0] or not any(kind[0] for kind in kinds)]
        assert min(map(number_of_collisions, every)) == fewest_allowed(kinds), kinds


@given(st.lists(st.sampled_from(ROLE_SETS), min_size=1, max_size=12))
def test_up_to_twelve_servers_have_the_fewest_collisions_and_these_are_named(roles: list[str]) -> None:
    servers = [server(f"s{place}", held) for place, held in enumerate(roles)]
    ordered = order(servers)
    named = collisions(ordered)
    assert sorted(each.name for each in ordered) == sorted(each.name for each in servers)
    assert len(named) == fewest_allowed([kind(held) for held in roles])
    place = {each.name: index for index, each in enumerate(ordered)}
    later = {each.name: {PHASES[role] for role in each.roles} for each in servers}
    assert all(place[a] < place[b] and max(later[a]) > min(later[b]) for a, b in named)


@given(st.lists(st.tuples(st.sampled_from(ROLE_SETS), st.booleans()), min_size=1, max_size=8))
def test_among_equals_those_declared_first_come_first_and_then_the_declared_order_counts(
    declared: list[tuple[str, bool]],
) -> None:
    servers = [server(f"s{place}", roles, first) for place, (roles, first) in enumerate(declared)]
    for kinds in {kind(roles) for roles, _ in declared}:
        equals = [each for each in servers if kind(" ".join(each.roles)) == kinds]
        expected = [each for each in equals if each.first] + [each for each in equals if not each.first]
        assert [each for each in order(servers) if each in equals] == expected


def test_being_declared_first_never_lifts_a_server_over_an_earlier_phase() -> None:
    servers = [server("web", "euwi", first=True), server("mx", "mta", first=True), server("db", "database csm")]
    assert [each.name for each in order(servers)] == ["db", "mx", "web"]


def test_the_database_goes_before_a_csm_that_stands_apart() -> None:
    servers = [server("manager", "csm"), server("db", "database euwi")]
    assert [each.name for each in order(servers)] == ["db", "manager"]
    assert collisions(order(servers)) == (("db", "manager"),)


def test_a_server_is_upgraded_with_its_earliest_role() -> None:
    assert [phase(server("s", roles)) for roles in ("gwi", "gwi mta", "euwi csm", "database")] == [3, 2, 1, 1]


def test_servers_of_one_phase_each_have_no_collision() -> None:
    assert collisions(order([server("c", "euwi gwi"), server("b", "mta mail-filter"), server("a", "database")])) == ()


def test_the_first_mail_filter_is_tested_and_the_first_mta_where_it_is_another_server() -> None:
    both = [server("a", "mta mail-filter"), server("b", "mta mail-filter")]
    apart = [server("a", "mta"), server("b", "mail-filter"), server("c", "mta mail-filter")]
    assert first_tested(both) == (("a", "mail-filter"),)
    assert first_tested(apart) == (("b", "mail-filter"), ("a", "mta"))
    assert first_tested([server("a", "mail-filter"), server("b", "mta mail-filter")])[1] == ("b", "mta")
    assert first_tested([server("a", "database csm"), server("b", "euwi")]) == ()


def test_every_server_has_a_reason_that_names_what_decided() -> None:
    ordered = order([server("web", "euwi"), server("mx", "mta euwi", first=True), server("db", "database csm mta")])
    database, mixed, web = (reason(each, ordered) for each in ordered)
    assert "Database" in database and "phase 2" in database
    assert "phase 2" in mixed and "phase 3" in mixed and "first among its equals" in mixed
    assert "phase 3" in web and "upgraded once" not in web
    assert reason(ordered[0], ordered[:1]) == "the only server"


def test_the_database_server_is_the_one_that_goes_first(deploy: Callable[..., Deployment]) -> None:
    found = database_server(deploy("mta", "database mta", "database csm"))
    assert found is not None and found.name == "s3"
    assert database_server(deploy("mta", "csm")) is None
