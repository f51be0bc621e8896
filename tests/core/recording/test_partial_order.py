"""What happened before what: everything while one request is under way, causes alone from there on."""

from itertools import permutations

from replayer.core.recording.partial_order import FIRST, Before, Reach, Value


def read(*touches: str, named: str = "") -> Reach:
    return Reach(True, frozenset(touches), frozenset(named.split()))


def write(*touches: str, named: str = "", changed: str = "") -> Reach:
    return Reach(False, frozenset(touches), frozenset(named.split()), frozenset(changed.split()))


def entered(before: Before, reach: Reach, emitted: str = "") -> Value:
    """Its value, counted as a recording counts: writes by the first number, reads by the second."""
    ticks, reads = before.of(reach)
    value = (ticks, reads + 1) if reach.reads else (ticks + 1, 0)
    before.enter(reach, value, emitted.split())
    return value


def beside() -> Before:
    before = Before()
    before.split()
    return before


def test_while_one_is_under_way_at_a_time_each_comes_behind_all_before() -> None:
    before = Before()
    assert [entered(before, reach) for reach in (write("a"), read("b"), write("c"), read("d"), read("e"))] == [
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 1),
        (2, 2),
    ]


def test_beside_others_only_causes_count() -> None:
    before = beside()
    assert entered(before, write("a", "/all", named="", changed="a")) == (1, 0)
    assert entered(before, write("b", "/all", changed="b")) == (1, 0)
    assert entered(before, write("a", "/all", named="a", changed="a")) == (2, 0)
    assert entered(before, read("b")) == (1, 1)
    assert entered(before, read("/all")) == (2, 1)


def test_a_write_comes_behind_the_reads_that_did_not_see_it() -> None:
    before = beside()
    entered(before, write("a", changed="a"))
    assert entered(before, read("a")) == (1, 1)
    assert entered(before, write("a", "b", changed="b")) == (2, 0)


def test_two_that_only_name_a_thing_are_in_no_order_and_who_changes_it_comes_behind_both() -> None:
    before = beside()
    entered(before, write("price", changed="price"))
    assert entered(before, write("price", "x", named="price", changed="x")) == (2, 0)
    assert entered(before, write("price", "y", named="price", changed="y")) == (2, 0)
    assert entered(before, write("price", named="price", changed="price")) == (3, 0)


def test_who_names_an_id_comes_behind_the_read_that_told_it() -> None:
    before = beside()
    assert entered(before, read("/list"), emitted="x y") == (0, 1)
    assert entered(before, read("x", named="x")) == (0, 2)
    assert entered(before, write("y", named="y", changed="y")) == (1, 0)


def test_what_was_before_the_parting_stays_before() -> None:
    before = Before()
    entered(before, write("a"))
    entered(before, write("b"))
    before.split()
    assert before.floor == (2, 0)
    assert entered(before, write("c")) == (3, 0)
    assert entered(before, write("d")) == (3, 0)
    before.split()
    assert before.floor == (2, 0)


def test_only_what_changed_the_things_that_a_request_names_surely_came_before_it() -> None:
    before = Before()
    entered(before, write("a", "/all", changed="a"))
    assert before.surely(write("a", "/all")) == FIRST
    assert before.surely(write("b", named="a")) == before.surely(read("a", named="a")) == (1, 0)


def test_chains_beside_each_other_have_the_same_values_in_whatever_order_they_are_mixed() -> None:
    chains = {name: [write(name, changed=name), read(name), write(name, changed=name, named=name)] for name in "abc"}

    def values(order: tuple[str, ...]) -> dict[str, list[Value]]:
        before, found = beside(), dict[str, list[Value]]()
        for name in order:
            done = found.setdefault(name, [])
            done.append(entered(before, chains[name][len(done)]))
        return found

    orders = set(permutations("aaabbbc")) | set(permutations("abccc"))
    assert {name: value[:1] for name, value in values(("a", "b", "c")).items()} == {name: [(1, 0)] for name in "abc"}
    for order in orders:
        for done in values(order).values():
            assert done == [(1, 0), (1, 1), (2, 0)][: len(done)]
