from replayer.inspector import Feed
from replayer.inspector.feed import FeedRow


def feed(count: int, most: int = 4) -> Feed:
    made = Feed(lambda: 0.0, most)
    for number in range(count):
        made.add("replayed", "GET", f"/{number + 1}", 200, 0.1, None, "")
    return made


def numbers(rows: list[FeedRow]) -> list[int]:
    return [row.number for row in rows]


def test_rows_are_told_from_where_somebody_was() -> None:
    assert numbers(feed(3).rows(1, 10)) == [2, 3]
    assert numbers(feed(3).rows(0, 2)) == [1, 2]
    assert feed(3).rows(3, 10) == []


def test_the_oldest_rows_go_and_their_numbers_stay() -> None:
    made = feed(11)
    assert numbers(made.rows(0, 100)) == list(range(5, 12))
    assert made.count == 11
    assert made.row(2) is None
    assert (found := made.row(10)) is not None
    assert found.path == "/10"


def test_who_watches_is_called_until_he_leaves() -> None:
    made, calls, watched = feed(0), list[int](), list[bool]()
    made.on_watched = watched.append
    told = lambda: calls.append(made.count)  # noqa: E731 - the same one twice
    made.watch(told)
    made.add("missed", "GET", "/", 421, 1.0, None, "why")
    made.unwatch(told)
    made.add("missed", "GET", "/", 421, 1.0, None, "why")
    assert (calls, watched) == ([1], [True, False])


def test_what_comes_again_has_its_own_time() -> None:
    seconds = iter(range(100, 200))
    made = Feed(lambda: float(next(seconds)), most=4)
    made.add("replayed", "GET", "/", 200, 0.1, None, "")
    (row,) = made.rows(0, 1)
    for _ in range(9):
        made.again(row)
    assert [(one.number, one.at) for one in made.rows(0, 100)] == [(n, 99.0 + n) for n in range(5, 11)]


def test_outcomes_have_the_words_of_the_page() -> None:
    made = feed(0)
    for outcome in ("replayed", "fault status=500", "page"):
        made.add(outcome, "GET", "/", 200, 0.0, None, "")
    assert [row.outcome for row in made.rows(0, 9)] == ["played", "fault", "page"]
