"""Lists against a naive model; and what a page costs."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from replayer.sandbox.ledger.paging import Collection, PageQuery, inside, part, seconds

BOUND = st.dictionaries(st.sampled_from(["gt", "gte", "lt", "lte"]), st.integers(0, 6))


@dataclass
class Model:
    """All rows in the order of their making; a page is worked out from all of them."""

    rows: list[dict[str, Any]]

    def page(self, query: PageQuery, bounds: dict[str, int], color: str | None) -> tuple[list[str], bool]:
        ordered = sorted(enumerate(self.rows), key=lambda pair: (pair[1]["created"], pair[0]), reverse=True)
        names = [row["id"] for _, row in ordered]
        kept = {
            row["id"]
            for _, row in ordered
            if inside(bounds, row["created"]) and (color is None or row["color"] == color) and not row.get("gone")
        }
        if query.before is not None:
            newer = [name for name in names[: names.index(query.before)] if name in kept]
            return newer[-query.limit :], len(newer) > query.limit
        start = 0 if query.after is None else names.index(query.after) + 1
        older = [name for name in names[start:] if name in kept]
        return older[: query.limit], len(older) > query.limit


@settings(max_examples=150, deadline=None)
@given(
    made=st.lists(st.tuples(st.integers(0, 5), st.sampled_from("rgb")), min_size=1, max_size=25),
    repainted=st.lists(st.tuples(st.integers(0, 24), st.sampled_from("rgb")), max_size=8),
    deleted=st.sets(st.integers(0, 24), max_size=5),
    cursor=st.none() | st.integers(0, 24),
    forward=st.booleans(),
    limit=st.integers(1, 8),
    bounds=BOUND,
    color=st.none() | st.sampled_from("rgb"),
)
def test_every_page_is_the_one_that_a_naive_model_cuts(
    made: list[tuple[int, str]],
    repainted: list[tuple[int, str]],
    deleted: set[int],
    cursor: int | None,
    forward: bool,
    limit: int,
    bounds: dict[str, int],
    color: str | None,
) -> None:
    rows = [
        {"id": f"x_{n}", "object": "x", "created": second, "color": paint} for n, (second, paint) in enumerate(made)
    ]
    collection = Collection("x", {"color": lambda row: row["color"]}, positional=True, readable=True)
    for row in rows:
        collection.put(dict(row))
    for place, paint in repainted:
        row = rows[place % len(rows)]
        row["color"] = paint
        collection.put(dict(row))
    for place in {place % len(rows) for place in deleted}:
        rows[place]["gone"] = True
        collection.delete(f"x_{place}")
    name = None if cursor is None else f"x_{cursor % len(rows)}"
    low, high = seconds(bounds)
    equal = {} if color is None else {"color": color}
    query = PageQuery(equal, low, high, None, limit, name if forward else None, None if forward else name)
    found, has_more = collection.page(query)
    assert ([row["id"] for row in found], has_more) == Model(rows).page(query, bounds, color)


@given(size=st.integers(0, 12), limit=st.integers(1, 5), cursor=st.none() | st.integers(0, 11), forward=st.booleans())
def test_the_lines_of_an_invoice_are_cut_like_any_list(
    size: int, limit: int, cursor: int | None, forward: bool
) -> None:
    rows = [{"id": str(n)} for n in range(size)]
    if cursor is None or cursor >= size:
        assert part(rows, limit, None, None) == (rows[:limit], size > limit)
    elif forward:
        assert part(rows, limit, str(cursor), None) == (rows[cursor + 1 :][:limit], size - cursor - 1 > limit)
    else:
        assert part(rows, limit, None, str(cursor)) == (rows[:cursor][-limit:], cursor > limit)


def test_the_cost_of_a_page_does_not_grow_with_the_collection() -> None:
    reads = 0

    def color(row: dict[str, Any]) -> str:
        nonlocal reads
        reads += 1
        return str(row["color"])

    collection = Collection("x", {"color": color})
    for n in range(3000):
        collection.put({"id": f"x_{n}", "created": n, "color": "rare" if n % 500 == 0 else "usual"})
    reads = 0
    found, _ = collection.page(PageQuery({"color": "rare"}, limit=3, after="x_2600"))
    assert [row["id"] for row in found] == ["x_2500", "x_2000", "x_1500"]
    assert reads <= 4
