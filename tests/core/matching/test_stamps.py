"""Causes: which writes a read had behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.matching.stamps import Causes, Stamp, is_read
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, OTHER, answer, asked

CREATED = answer({"id": INVOICE, "object": "invoice", "customer": CUSTOMER})
READS = {
    "the invoice": f"GET /v1/invoices/{INVOICE}",
    "another invoice": f"GET /v1/invoices/{OTHER}",
    "the invoices": "GET /v1/invoices?limit=3",
    "its lines": f"GET /v1/invoices/{INVOICE}/lines",
    "the customer": f"GET /v1/customers/{CUSTOMER}",
    "the customer's invoices": f"GET /v1/invoices?customer={CUSTOMER}",
    "the customers": "GET /v1/customers",
    "the balance": "GET /v1/balance",
}


class World:
    """Writes with their numbers, and the stamps of all reads after them."""

    def __init__(self) -> None:
        self.causes = Causes(registry.INVOICE_RULES)
        self.number = 1

    def write(self, line: str, body: str = "", reply: object = None) -> frozenset[str]:
        """What the write moved on, of all that could be read."""
        before = self.stamps()
        request = asked(line, body)
        self.causes.wrote(self.causes.touched(request, answer(reply or {})), self.number)
        self.number += 2
        return frozenset(name for name, stamp in self.stamps().items() if stamp != before[name])

    def stamps(self) -> dict[str, Stamp]:
        return {name: self.causes.stamp(asked(line)) for name, line in READS.items()}


def created(world: World) -> frozenset[str]:
    return world.write("POST /v1/invoices", f"customer={CUSTOMER}", {"id": INVOICE, "customer": CUSTOMER})


OF_THE_INVOICE = {"the invoice", "the invoices", "its lines", "the customer", "the customer's invoices"}


def test_a_new_object_moves_on_its_collection_and_what_it_names() -> None:
    assert created(World()) == OF_THE_INVOICE


def test_an_action_on_an_object_moves_on_the_object_its_collection_and_its_kin() -> None:
    world = World()
    created(world)
    reply = {"id": INVOICE, "status": "paid"}  # does not name the customer: that is known from before
    assert world.write(f"POST /v1/invoices/{INVOICE}/pay", "", reply) == OF_THE_INVOICE


def test_a_deletion_moves_on_what_the_object_belonged_to() -> None:
    world = World()
    created(world)
    assert world.write(f"DELETE /v1/invoices/{INVOICE}", "", {"id": INVOICE, "deleted": True}) == OF_THE_INVOICE


def test_a_write_that_names_an_object_elsewhere_moves_on_that_object_and_its_collection() -> None:
    world = World()
    created(world)
    assert world.write("POST /v1/invoiceitems", f"invoice={INVOICE}") >= {"the invoice", "the invoices", "its lines"}


def test_a_write_elsewhere_moves_on_nothing() -> None:
    world = World()
    created(world)
    assert world.write("POST /v1/products", "name=Tea", {"id": "prod_AbCdEfGhIjKlM1"}) == frozenset()


def test_another_object_of_the_collection_leaves_this_one_alone() -> None:
    world = World()
    created(world)
    moved = world.write("POST /v1/invoices", "description=x", {"id": OTHER})
    assert moved == {"the invoices", "another invoice"}


def test_what_a_read_shows_is_known_to_belong_together() -> None:
    world = World()
    world.causes.learn(asked(READS["the invoice"]), CREATED)
    assert world.write(f"POST /v1/invoices/{INVOICE}/void", "", {}) == OF_THE_INVOICE


@given(st.permutations(range(1, 30, 2)))
def test_a_stamp_is_the_set_of_writes_whatever_their_order(numbers: list[int]) -> None:
    one, other = Causes(registry.INVOICE_RULES), Causes(registry.INVOICE_RULES)
    for number in sorted(numbers):
        one.wrote(["/v1/invoices"], number << 60)
    for number in numbers:
        other.wrote(["/v1/invoices"], number << 60)
    read = asked("GET /v1/invoices")
    assert one.stamp(read) == other.stamp(read) != (0,)


@pytest.mark.parametrize(
    ("line", "resources"),
    [
        ("GET /v1/invoices", ("/v1/invoices",)),
        ("GET /v1/invoices?limit=3&status=open", ("/v1/invoices",)),
        (f"GET /v1/invoices?starting_after={INVOICE}", ("/v1/invoices", f"{INVOICE} gone")),
        (f"GET /v1/invoices?ending_before={INVOICE}&customer={CUSTOMER}", (CUSTOMER, f"{INVOICE} gone")),
        (f"GET /v1/invoices/{INVOICE}", (INVOICE,)),
        (f"GET /v1/invoices/{INVOICE}/lines?expand[]=data.price", (INVOICE,)),
        (f"GET /v1/invoices/search?query=customer:'{CUSTOMER}'", (CUSTOMER,)),
        (f"GET /v1/x?of[]={OTHER}&of[]={INVOICE}", tuple(sorted((OTHER, INVOICE)))),
        ("GET /v1/balance", ("/v1/balance",)),
    ],
)
def test_a_read_depends_on_the_ids_that_it_names_or_on_its_collection_and_on_its_cursor_being_there(
    line: str, resources: tuple[str, ...]
) -> None:
    assert Causes(registry.INVOICE_RULES).resources(asked(line)) == resources


@pytest.mark.parametrize(
    ("method", "reads"),
    [("GET", True), ("HEAD", True), ("OPTIONS", True), ("POST", False), ("DELETE", False), ("PATCH", False)],
)
def test_a_method_reads_or_writes(method: str, reads: bool) -> None:
    assert is_read(method) is reads


# -- what belongs together --------------------------------------------------------------------------------------------

ITEM = "ii_1UI6qsHIBYZYyePrItemItem"
PRICE = "price_1UI6qsHIBYZYyePrPrice001"


def changed(world: World, line: str, body: str = "", reply: object = None, status: int = 200) -> frozenset[str]:
    """As `World.write`, but only what a read may show otherwise."""
    before = world.stamps()
    request, response = asked(line, body), answer(reply or {}, status=status)
    touched = world.causes.touched(request, response)
    world.causes.wrote(world.causes.changes(request, response, touched), world.number)
    world.number += 2
    return frozenset(name for name, stamp in world.stamps().items() if stamp != before[name])


def test_what_was_taken_into_an_object_later_is_part_of_it() -> None:
    """An item waits for its customer's next invoice: only the invoice tells that it took it in."""
    world = World()
    world.write("POST /v1/invoiceitems", f"customer={CUSTOMER}", {"id": ITEM, "customer": CUSTOMER, "invoice": None})
    world.write("POST /v1/invoices", f"customer={CUSTOMER}", {"id": INVOICE, "customer": CUSTOMER, "lines": [ITEM]})
    assert world.write(f"DELETE /v1/invoiceitems/{ITEM}", "", {"id": ITEM, "deleted": True}) == OF_THE_INVOICE


def test_a_write_to_an_object_moves_on_all_that_name_it() -> None:
    world = World()
    created(world)
    moved = world.write(f"POST /v1/customers/{CUSTOMER}", "name=b", {"id": CUSTOMER, "name": "b"})
    assert moved == OF_THE_INVOICE | {"the customers"}


def test_what_is_only_seen_in_a_list_belongs_to_what_it_names_there() -> None:
    world = World()
    page = {"data": [{"id": OTHER}, {"id": INVOICE, "customer": CUSTOMER}]}
    world.causes.learn(asked(READS["the invoices"]), answer(page))
    assert world.write(f"DELETE /v1/invoices/{INVOICE}", "", {"id": INVOICE, "deleted": True}) == OF_THE_INVOICE


@pytest.mark.parametrize(
    "page", ['[{"id": "x"', '[[], 1, {"id": 17}, {"id": "a"}, {"id": "b"}]', '{"a": {"id": "x", "id": "y"}}']
)
def test_a_list_of_any_form_can_be_learned_from(page: str) -> None:
    world = World()
    world.causes.learn(asked(READS["the invoices"]), answer(page))
    assert world.write("POST /v1/products", "name=Tea") == frozenset()


def test_what_a_search_found_stands_in_the_collection_that_is_searched() -> None:
    world = World()
    world.causes.learn(asked("GET /v1/invoices/search?query=total>5"), CREATED)
    assert "the invoices" in world.write("POST /v1/invoiceitems", f"invoice={INVOICE}")


def test_an_object_that_is_known_by_a_short_name_is_moved_on_by_its_creation() -> None:
    causes = Causes(registry.INVOICE_RULES)
    assert "/v1/orders/17" in causes.touched(asked("POST /v1/orders", "of=x"), answer({"id": 17}))
    assert "/v1/orders/tea" in causes.touched(asked("POST /v1/orders", "of=x"), answer({"id": "tea"}))


def test_a_read_that_shows_other_objects_depends_on_their_texts() -> None:
    world = World()
    created(world)
    read = asked(f"GET /v1/invoices/{INVOICE}?expand[]=customer&expand[]=lines.data.price")
    assert world.causes.resources(read) == (INVOICE,)
    shown = {"id": INVOICE, "customer": {"id": CUSTOMER}, "lines": {"data": [{"id": "il_1", "price": {"id": PRICE}}]}}
    world.write(f"POST /v1/customers/{CUSTOMER}", "name=a", {"id": CUSTOMER})
    world.write(f"POST /v1/prices/{PRICE}", "active=true", {"id": PRICE})
    world.causes.learn(read, answer(shown))
    assert world.causes.resources(read) == (f"{CUSTOMER} itself", INVOICE, f"{PRICE} itself")


@pytest.mark.parametrize(
    ("query", "resources"),
    [
        (f"customer:'{CUSTOMER}' AND total>5", (CUSTOMER,)),
        (f"-customer:'{CUSTOMER}'", ("/v1/invoices",)),
        (f"total>5 AND -customer:'{CUSTOMER}'", ("/v1/invoices",)),
        (f"customer:'{CUSTOMER}' OR total>5", ("/v1/invoices",)),
        (f"NOT customer:'{CUSTOMER}'", ("/v1/invoices",)),
    ],
)
def test_a_search_for_what_has_not_these_ids_depends_on_the_whole_collection(
    query: str, resources: tuple[str, ...]
) -> None:
    assert Causes(registry.INVOICE_RULES).resources(asked(f"GET /v1/invoices/search?query={query}")) == resources


# -- what is named and stays as it is ---------------------------------------------------------------------------------


def test_a_write_that_was_refused_changes_nothing_but_a_declined_payment_does() -> None:
    world = World()
    created(world)
    assert changed(world, f"POST /v1/invoices/{INVOICE}/void", "", {"error": {}}, status=400) == frozenset()
    assert changed(world, f"POST /v1/invoices/{INVOICE}/pay", "", {"error": {}}, status=402) == OF_THE_INVOICE


@pytest.mark.parametrize(
    ("line", "moves"),
    [
        (f"POST /v1/invoices/{INVOICE}", False),
        (f"DELETE /v1/invoices/{INVOICE}", False),
        (f"POST /v1/invoices/{INVOICE}/add_lines", False),
        (f"POST /v1/invoices/{INVOICE}/finalize", True),
        (f"POST /v1/invoices/{INVOICE}/pay", True),
        (f"POST /v1/invoices/{INVOICE}/void", True),
        ("POST /v1/invoices", True),
        ("POST /v1/invoiceitems", True),
        (f"POST /v1/customers/{CUSTOMER}", True),
        (f"POST /v1/anything/{INVOICE}", True),
    ],
)
def test_the_text_of_a_customer_is_moved_on_by_what_may_change_it(line: str, moves: bool) -> None:
    world = World()
    created(world)
    moved = changed(world, line, f"customer={CUSTOMER}")
    assert ("the customer" in moved) is moves
    assert "the customer's invoices" in moved
