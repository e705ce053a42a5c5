import pytest

from understudy.render import RenderError


def ids(found):
    return [record["id"] for record in found]


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        ("{{database_filter:title:Dune}}", [2]),
        ("{{database_filter:id:2}}", [2]),
        ("{{database_filter:available:true}}", [1, 3]),
        ("{{database_filter:available:false}}", [2]),
        ("{{database_filter:title:true}}", []),
        ("{{database_filter:title:{{query.title}}}}", [1]),
        ("{{database_filter:title:{{query.none}}}}", []),
        ("{{database_filter:none:x}}", []),
        ("{{database_filter_genre:Fantasy}}", [1, 3]),
        ("{{database_filter_genre:{{query.genre}}}}", [2]),
        ("{{ database_filter('id', 2) }}", [2]),
        ("{{ database_filter('available', true) }}", [1, 3]),
        ("{{ database_filter('title', query.title) }}", [1]),
        ("{{ database_filter('id', none) }}", []),
    ],
)
def test_filters_give_lists(stage, request_to, leaf, expected):
    request = request_to("/?title=The+Hobbit&genre=Science+Fiction")
    assert ids(stage.json(leaf, request)) == expected


def test_find_gives_the_first_or_null(stage, request_to):
    assert stage.json("{{database_find:available:true}}")["id"] == 1
    assert stage.json("{{database_find:id:{{query.id}}}}", request_to("/?id=2"))["title"] == "Dune"
    assert stage.json("{{database_find:id:9}}") is None
    assert (
        stage.json("{{ database_find('id', params.id).title }}", request_to("/", params={"id": 2})) == "Dune"
    )


def test_whole_database_and_count(stage):
    assert stage.json(
        {"all": "{{database}}", "n": "{{database_count}}", "t": "{{database_count}} books"}
    ) == {
        "all": stage.scope.database,
        "n": 3,
        "t": "3 books",
    }


def test_in_text_a_list_is_json(stage):
    assert stage.text("{{database_filter_genre:None}}") == "[]"


def test_without_a_database_there_is_nothing(make_stage):
    stage = make_stage(database=None)
    leaves = ["{{database}}", "{{database_count}}", "{{database_filter:a:b}}", "{{database_find:a:b}}"]
    assert stage.json(leaves) == [[], 0, [], None]


def test_collections(make_stage):
    stage = make_stage(database={"books": [{"id": 1}], "users": [{"id": 2}, "odd"], "site": {"name": "x"}})
    assert stage.json("{{ database_count(collection='users') }}") == 2
    assert stage.json("{{ database_filter('id', 2, collection='users') }}") == [{"id": 2}]
    assert stage.json("{{ database.site.name }}") == "x"
    for call, message in (
        ("database_count()", "several collections"),
        ("database_count('none')", "no collection 'none'; it has books, users, site"),
        ("database_count('site')", "not a list"),
    ):
        with pytest.raises(RenderError, match=message):
            stage.json(f"{{{{ {call} }}}}")


def test_a_list_has_no_collections(stage):
    with pytest.raises(RenderError, match="has no collections"):
        stage.json("{{ database_count('books') }}")


def test_the_database_may_change_between_requests(stage):
    compiled = stage.templates.compile_json("{{database_count}}", "response")
    stage.begin()
    stage.scope.database = [1]
    assert compiled.render() == b"1"
