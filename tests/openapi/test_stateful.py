"""Whole flows over documents of different style; each answer is held against its document by the mock."""

import json
from pathlib import Path

import pytest

from tests.openapi.stateful.kit import NOW, Mock, headers_of
from tests.openapi.stateful.specs import NESTED, ORDERS, PETS, WRAPPED
from understudy.state import MemoryStore

REAL = Path(__file__).parents[1] / "corpus" / "openapi_real"
MADE_AT = "2023-11-14T22:13:20.000Z"


# --- plain records ------------------------------------------------------------------------------------------


def test_from_create_to_gone():
    mock = Mock(PETS)
    before = mock.get("/pets")
    assert [pet["id"] for pet in before] == [1, 2, 3]
    made = mock.reply("POST", "/pets", {"name": "Rex", "kind": "dog"})
    assert made.status == 201
    assert headers_of(made)["Location"] == "/pets/4"
    pet = json.loads(made.body)
    assert pet == {
        "name": "Rex",
        "kind": "dog",
        "id": 4,
        "createdAt": MADE_AT,
        "updatedAt": MADE_AT,
        "mood": pet["mood"],
    }
    assert mock.get("/pets/4") == pet
    assert mock.get("/pets") == [*before, pet]
    assert mock.ask("PATCH", "/pets/4", {"name": "Max"}) == (200, {**pet, "name": "Max"})
    assert mock.ask("PUT", "/pets/4", {"name": "Tom"}) == (
        200,
        {key: value for key, value in pet.items() if key != "kind"} | {"name": "Tom"},
    )
    assert mock.ask("DELETE", "/pets/4") == (204, None)
    assert mock.ask("GET", "/pets/4") == (404, {"code": 404, "message": "there is no record '4' in pets"})
    assert mock.get("/pets") == before


def test_what_the_server_makes_is_not_taken_from_clients():
    mock = Mock(PETS)
    sent = {"name": "Rex", "id": 77, "createdAt": "2000-01-01T00:00:00Z", "updatedAt": "x", "secret": "s"}
    status, pet = mock.ask("POST", "/pets", sent)
    assert (status, pet["id"], pet["updatedAt"]) == (201, 4, MADE_AT)
    assert "secret" not in pet
    _, changed = mock.ask("PATCH", "/pets/4", {"id": 9, "updatedAt": "x", "secret": "t"})
    assert changed == pet


def test_what_is_missing_deep_inside_is_made_too():
    _, pet = Mock(PETS).ask("POST", "/pets", {"name": "Rex", "home": {"street": "High Street"}})
    assert pet["home"]["street"] == "High Street"
    assert isinstance(pet["home"]["checked"], bool)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_record_that_would_not_be_valid_is_refused(method):
    mock = Mock(PETS)
    target = "/pets" if method == "POST" else "/pets/1"
    before = mock.get("/pets")
    status, content = mock.ask(method, target, {"name": ""})
    assert status == 422
    text = content.get("message") or content["detail"]
    assert text == "the record does not fit its schema in 1 place"
    assert mock.get("/pets") == before


def test_patches_of_each_kind():
    mock = Mock(PETS)
    mock.ask("PATCH", "/pets/1", {"kind": "dog"})
    merge = {"Content-Type": "application/merge-patch+json"}
    status, pet = mock.ask("PATCH", "/pets/1", {"kind": None}, headers=merge)
    assert (status, "kind" in pet) == (200, False)
    operations = [{"op": "replace", "path": "/name", "value": "Al"}, {"op": "remove", "path": "/createdAt"}]
    patch = {"Content-Type": "application/json-patch+json"}
    status, changed = mock.ask("PATCH", "/pets/1", operations, headers=patch)
    assert (status, changed["name"]) == (200, "Al")


def test_the_same_seed_makes_the_same():
    asks = [("POST", "/pets", {"name": "Rex"}), ("POST", "/pets", {"name": "Max"})]
    one, other = Mock(PETS, seed=5), Mock(PETS, seed=5)
    assert [one.ask(*ask) for ask in asks] == [other.ask(*ask) for ask in asks]
    assert Mock(PETS, seed=6).get("/pets") == one.get("/pets")[:3]


def test_spaces_have_records_of_their_own_and_a_reset_begins_anew():
    store = MemoryStore()
    mock = Mock(PETS, store=store)
    mock.ask("DELETE", "/pets/1", space="a")
    assert [pet["id"] for pet in mock.get("/pets", space="a")] == [2, 3]
    assert [pet["id"] for pet in mock.get("/pets")] == [1, 2, 3]
    with pytest.raises(StopIteration):
        store.clear("a").send(None)
    assert [pet["id"] for pet in mock.get("/pets", space="a")] == [1, 2, 3]


def test_conditions_of_writers_and_readers():
    mock = Mock(PETS)
    tag = headers_of(mock.reply("GET", "/pets/1"))["ETag"]
    assert mock.reply("GET", "/pets/1", headers={"If-None-Match": tag}).status == 304
    assert mock.ask("PATCH", "/pets/1", {"name": "A"}, headers={"If-Match": '"other"'})[0] == 412
    assert mock.ask("PATCH", "/pets/1", {"name": "A"}, headers={"If-Match": tag})[0] == 200
    assert headers_of(mock.reply("GET", "/pets/1"))["ETag"] != tag
    tag = headers_of(mock.reply("GET", "/pets"))["ETag"]
    assert mock.reply("GET", "/pets", headers={"If-None-Match": tag}).status == 304


def test_xml_for_who_wants_it():
    reply = Mock(PETS).reply("GET", "/pets/1", headers={"Accept": "application/xml"})
    assert headers_of(reply)["Content-Type"] == "application/xml"
    assert b"<id>1</id>" in reply.body
    both = Mock(PETS).reply("GET", "/pets/1", headers={"Accept": "*/*"})
    assert headers_of(both)["Content-Type"] == "application/json"


def test_ids_go_on_below_where_a_client_has_taken_the_last_one():
    mock = Mock(ORDERS)
    for id, expected in ((2**63 - 1, 2**63 - 1), (None, 4), (None, 5)):
        body = ORDER.replace(' id="7"', f' id="{id}"' if id else "").encode()
        reply = mock.reply("POST", "/orders", body, headers={"Content-Type": "application/xml"})
        assert (reply.status, headers_of(reply)["Location"]) == (201, f"/orders/{expected}")


def test_no_body_where_the_document_asks_for_none():
    mock = Mock(PETS)
    status, pet = mock.ask("POST", "/pets")
    assert (status, pet["id"]) == (201, 4)
    assert isinstance(pet["name"], str)
    assert mock.get("/pets/4") == pet


def test_bodies_that_cannot_be_read():
    mock = Mock(PETS)
    assert mock.ask("POST", "/pets", b"{", headers={"Content-Type": "application/json"})[0] == 422
    assert mock.ask("POST", "/pets", b"<a/>", headers={"Content-Type": "application/xml"})[0] == 415
    assert mock.ask("PUT", "/pets/1", b"[]", headers={"Content-Type": "application/json"})[0] == 400


# --- in XML -------------------------------------------------------------------------------------------------

LINES = "<lines><line><sku>a</sku><count>2</count></line></lines>"
ORDER = f'<order id="7"><paid>true</paid><remark>x</remark>{LINES}</order>'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def test_records_are_sent_and_answered_in_xml():
    mock = Mock(ORDERS)
    made = mock.reply("POST", "/orders", ORDER.encode(), headers={"Content-Type": "application/xml"})
    assert made.status == 201
    assert headers_of(made)["Content-Type"] == "application/xml"
    assert headers_of(made)["Location"] == "/orders/7"
    assert made.body.decode() == f"{HEAD}{ORDER}\n"
    assert mock.reply("GET", "/orders/7").body == made.body
    assert ORDER.encode() in mock.reply("GET", "/orders").body


def test_what_is_sent_in_xml_and_what_is_sent_in_json_are_the_same_records():
    mock = Mock(ORDERS)
    order = {"id": 1, "paid": True, "note": "x", "lines": [{"sku": "a", "count": 2}]}
    assert mock.ask("PUT", "/orders/1", order) == (200, order)
    in_json = mock.reply("GET", "/orders/1").body
    body = ORDER.replace("7", "1").encode()
    assert mock.ask("PUT", "/orders/1", body, headers={"Content-Type": "text/xml"}) == (200, order)
    assert mock.reply("GET", "/orders/1").body == in_json


def test_a_success_that_is_not_documented_is_in_what_may_be_sent():
    mock = Mock(ORDERS)
    sent = {"Content-Type": "text/xml", "Accept": "text/xml"}
    reply = mock.reply("PUT", "/orders/1", ORDER.encode(), headers=sent)
    assert (reply.status, headers_of(reply)["Content-Type"]) == (200, "text/xml")
    assert reply.body.decode() == HEAD + ORDER.replace("7", "1") + "\n"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/xml", b"<order>", 400),
        ("application/xml", b"<!DOCTYPE a><a/>", 400),
        ("application/xml", b"<order>x</order>", 422),
        ("application/xml", b"<order><lines><line><count>many</count></line></lines></order>", 422),
        ("application/xml", b"<order><remark><b/></remark></order>", 422),
        ("text/plain", b"<order/>", 415),
        ("image/svg+xml", b"<order/>", 415),
    ],
)
def test_xml_that_is_no_record(kind, body, status):
    mock = Mock(ORDERS)
    assert mock.reply("POST", "/orders", body, headers={"Content-Type": kind}).status == status


def test_what_is_documented_and_cannot_be_read():
    mock = Mock(ORDERS)
    assert mock.reply("PUT", "/orders/1", b"a: 1", headers={"Content-Type": "application/yaml"}).status == 415


# --- wrapped, with summaries, uuids and real examples -------------------------------------------------------


def test_a_wrapped_api():
    mock = Mock(WRAPPED)
    first = mock.get("/v1/products")
    assert [one["title"] for one in first["data"]] == ["Lamp", "Table"]
    assert first["meta"] == {"total": 3, "page": 1, "per_page": 2, "total_pages": 2, "has_more": True}
    assert first["links"] == {"next": "/v1/products?page=2"}
    last = mock.get(first["links"]["next"])
    assert [one["title"] for one in last["data"]] == ["Chair"]
    assert last["links"] == {"next": None, "prev": "/v1/products?page=1"}
    assert last["meta"]["has_more"] is False

    status, made = mock.ask("POST", "/v1/products", {"product": {"title": "Bed", "price": 3, "stock": 1}})
    assert (status, sorted(made)) == (200, ["id", "message"])
    target = f"/v1/products/{made['id']}"
    product = {"id": made["id"], "title": "Bed", "price": 3, "stock": 1, "created": int(NOW)}
    assert mock.get(target)["product"] == product
    assert mock.get("/v1/products?page=2")["data"][1] == {"id": made["id"], "title": "Bed", "price": 3}
    assert mock.ask("PUT", target, {"product": {"title": "Sofa", "price": 5, "stock": 2}}) == (200, None)
    assert mock.get(target)["product"]["title"] == "Sofa"
    assert mock.ask("DELETE", target) == (200, {"deleted": True, "id": made["id"]})
    status, problem = mock.ask("GET", target)
    assert (status, problem["title"], problem["status"]) == (404, "Not Found", 404)


def test_put_creates_where_the_document_says_so():
    mock = Mock(WRAPPED)
    target = "/v1/products/11111111-2222-4333-8444-555555555555"
    assert mock.ask("GET", target)[0] == 404
    assert mock.ask("PUT", target, {"product": {"title": "Rug", "price": 1}}) == (201, None)
    product = mock.get(target)["product"]
    assert product["id"] == target.rpartition("/")[2]
    assert product["created"] == int(NOW)
    assert mock.ask("PUT", target, {"product": {"title": "Mat", "price": 1}}) == (200, None)


def test_sorting_by_two_parameters():
    mock = Mock(WRAPPED)
    titles = [one["title"] for one in mock.get("/v1/products?sort_by=price&order=desc&per_page=9")["data"]]
    assert titles == ["Table", "Chair", "Lamp"]


def test_a_body_without_its_wrapper_is_refused():
    status, _ = Mock(WRAPPED).ask("POST", "/v1/products", {"title": "Bed"})
    assert status == 422


# --- nested -------------------------------------------------------------------------------------------------


def test_records_belong_to_their_parent():
    mock = Mock(NESTED)
    assert [len(mock.get(f"/users/{number}/posts")) for number in (1, 2, 3)] == [3, 3, 3]
    assert mock.ask("POST", "/users/1/posts", {"slug": "a", "title": "one"})[0] == 201
    assert mock.ask("POST", "/users/2/posts", {"slug": "a", "title": "two"})[0] == 201
    assert mock.get("/users/1/posts/a") == {"slug": "a", "title": "one"}
    assert mock.get("/users/2/posts/a") == {"slug": "a", "title": "two"}
    assert mock.ask("GET", "/users/3/posts/a")[0] == 404
    assert mock.ask("POST", "/users/2/posts", {"slug": "a", "title": "again"})[0] == 409
    assert mock.ask("GET", "/users/99/posts")[0] == 404
    assert mock.ask("POST", "/users/99/posts", {"slug": "b", "title": "x"})[0] == 404


def test_three_levels():
    mock = Mock(NESTED)
    mock.ask("POST", "/users/1/posts", {"slug": "a", "title": "one"})
    assert mock.get("/users/1/posts/a/comments") == []
    assert mock.ask("POST", "/users/1/posts/a/comments", {"text": "hello"}) == (201, None)
    (comment,) = mock.get("/users/1/posts/a/comments")
    assert comment["text"] == "hello"
    assert comment["id"].startswith("c_")
    assert mock.ask("GET", "/users/2/posts/a/comments")[0] == 404


def test_what_belongs_to_a_record_goes_with_it():
    mock = Mock(NESTED)
    mock.ask("POST", "/users", {"id": 4, "name": "Dan"})
    mock.ask("POST", "/users/4/posts", {"slug": "a", "title": "one"})
    mock.ask("POST", "/users/4/posts/a/comments", {"text": "hello"})
    mock.ask("POST", "/users/1/posts", {"slug": "a", "title": "stays"})
    assert mock.ask("DELETE", "/users/4") == (204, None)
    assert mock.ask("GET", "/users/4/posts")[0] == 404
    mock.ask("POST", "/users", {"id": 4, "name": "Dan again"})
    assert mock.get("/users/4/posts") == []
    mock.ask("POST", "/users/4/posts", {"slug": "a", "title": "new"})
    assert mock.get("/users/4/posts/a/comments") == []
    assert mock.get("/users/1/posts/a")["title"] == "stays"


def test_a_view_of_a_collection_by_its_owner():
    mock = Mock(NESTED)
    notes = mock.get("/comments")
    assert {note["userId"] for note in notes} == {1, 2, 3}
    assert mock.get("/users/2/comments") == [note for note in notes if note["userId"] == 2]
    assert mock.ask("POST", "/comments", {"userId": 2, "text": "new"})[0] == 201
    assert [note["text"] for note in mock.get("/users/2/comments")][-1] == "new"
    assert mock.get("/comments?userId=2") == mock.get("/users/2/comments")


def test_a_single_object():
    mock = Mock(NESTED)
    before = mock.get("/profile")
    assert mock.ask("PATCH", "/profile", {"name": "Quinn"}) == (200, {**before, "name": "Quinn"})
    assert mock.get("/profile")["name"] == "Quinn"


# --- real documents -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "base"), [("2.0-petstore.json", "/v2"), ("3.1-petstore.json", None)])
def test_petstore(name, base):
    mock = Mock((REAL / name).read_text())
    assert mock.names == ["pet", "order", "user"]
    base = mock.api.operations[0].prefix if base is None else base
    status, pet = mock.ask("POST", f"{base}/pet", {"name": "Rex", "photoUrls": ["u"], "status": "sold"})
    assert status in {200, 201}
    assert (pet["name"], pet["status"]) == ("Rex", "sold")
    target = f"{base}/pet/{pet['id']}"
    assert mock.get(target) == pet
    assert pet in mock.get(f"{base}/pet/findByStatus?status=sold")
    assert pet not in mock.get(f"{base}/pet/findByStatus?status=pending")
    mock.ask("PUT", f"{base}/pet", {**pet, "name": "Max"})
    assert mock.get(target)["name"] == "Max"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    mock.reply("POST", target, b"name=Tom&status=pending", headers=form)
    assert (mock.get(target)["name"], mock.get(target)["status"]) == ("Tom", "pending")
    mock.reply("DELETE", target)
    assert mock.ask("GET", target)[0] == 404
    assert mock.ask("PUT", f"{base}/pet", {**pet, "name": "Max"})[0] == 404

    user = {"id": 10, "username": "ada", "email": "a@b.c"}
    assert mock.reply("POST", f"{base}/user", user).status < 300
    assert mock.get(f"{base}/user/ada") == user
    assert mock.reply("DELETE", f"{base}/user/ada").status < 300
    assert mock.ask("GET", f"{base}/user/ada")[0] == 404


def test_collections_are_known_to_the_control_endpoints():
    mock = Mock(PETS, config={"state": {}})
    assert list(mock.kit.collections) == ["pets"]
    assert mock.kit.collections["pets"].key({"id": 7, "name": "x"}, 1) == "7"


def test_names_that_collections_of_the_config_have_are_left_to_them():
    config = {
        "database": {"pets": []},
        "endpoints": [{"path": "/own", "resource": "pets"}],
    }
    mock = Mock(PETS, config=config)
    assert list(mock.kit.collections) == ["pets", "pets_"]
