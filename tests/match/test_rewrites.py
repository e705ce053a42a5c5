import pytest

from understudy import ConfigError
from understudy.build import build
from understudy.engine import World, decide, decide_early
from understudy.match.rewrites import MAX_TARGET_BYTES, RewriteError, compile_rewrites
from understudy.request import Request, Rewritten


@pytest.mark.parametrize(
    ("source", "target", "asked", "answered"),
    [
        ("/api/{rest:path}", "/{rest}", "/api/posts/1?a=b", "/posts/1?a=b"),
        ("/api/{rest:path}", "/{rest}", "/api/", "/"),
        ("/api/{rest:path}", "/{rest}", "/api", "/api"),
        ("/{kind}/{id}/show", "/{kind}/{id}", "/posts/7/show", "/posts/7"),
        ("/{kind}/{id}/show", "/{kind}/{id}", "/posts/7/show/", "/posts/7"),
        ("/posts/{kind}", "/posts?kind={kind}", "/posts/a%26b%2Fc?x=1", "/posts?kind=a%26b%2Fc&x=1"),
        ("/articles?id={id}", "/posts/{id}", "/articles?x=1&id=a%2Fb", "/posts/a%2Fb?x=1"),
        ("/articles?id={id}", "/posts/{id}", "/articles?x=1", "/articles?x=1"),
        ("/articles?kind=new", "/new", "/articles?kind=new&kind=old", "/new?kind=old"),
        ("/articles?kind=new", "/new", "/articles?kind=old", "/articles?kind=old"),
        ("/n/{id:int}", "/m/{id}", "/n/x", "/n/x"),
        ("/a/{b}", "/{b}", "/a/100%25%2F%C3%A9", "/100%25%2F%C3%A9"),
        ("/**", "/all", "*", "*"),
    ],
)  # fmt: skip
def test_a_rule(source, target, asked, answered):
    assert compile_rewrites({source: target})(asked.encode()).decode() == answered


def test_rules_are_asked_one_after_the_other():
    rewrite = compile_rewrites({"/api/{rest:path}": "/{rest}", "/blog/{id}": "/posts/{id}"})

    assert rewrite(b"/api/blog/1") == b"/posts/1"
    assert compile_rewrites({}) is None


def test_a_strict_trailing_slash():
    assert compile_rewrites({"/a": "/b"}, ignore_slash=False)(b"/a/") == b"/a/"


def test_rules_that_double_what_they_are_given_come_to_an_end():
    rules = {f"/{{a:path}}?{n}=": "/{a}{a}" for n in range(40)}
    query = b"&".join(b"%d=" % n for n in range(40))

    assert len(compile_rewrites(rules)(b"/12345?" + query)) <= MAX_TARGET_BYTES


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("/{", "/", "a brace"),
        ("/{id}", "/{name}", "{name} is no parameter of the pattern, which has {id}"),
        ("/a", "/{name}", "no parameters"),
        ("a", "/b", 'start with "/"'),
        ("/a", "b", 'start with "/"'),
        ("/a", "/{b:int}", "no other braces"),
    ],
)
def test_rules_that_cannot_be_read(source, target, message):
    with pytest.raises(RewriteError) as raised:
        compile_rewrites({source: target})
    assert message in raised.value.args[0]


def test_a_mistake_has_its_place(tmp_path):
    file = tmp_path / "understudy.yaml"
    file.write_text("rewrites:\n  /a: /b\n  /c: /{d}\nendpoints: []\n")

    with pytest.raises(ConfigError) as raised:
        build(file)

    assert (raised.value.problems[0].line, raised.value.problems[0].path) == (3, 'rewrites["/c"]')


def test_a_request_is_rewritten_once_however_often_it_is_decided_upon():
    program = build(
        {
            "rewrites": {"/{rest:path}": "/v1/{rest}"},
            "endpoints": [
                {"path": "/v1/{a}", "response": "{{ params.a }} {{ query.b }} {{ request.url }}"},
            ],
        }
    )
    world = World(1, lambda: 1_000_000.0)
    request = Request("GET", b"http://host/x?b=1")

    decide_early(program, request, world)
    bodies = [decide(program, request, world).reply.body for _ in range(2)]

    assert bodies == [b'"x 1 http://host/x?b=1"'] * 2
    assert request.path == "/v1/x"


def test_what_the_client_sent_is_kept():
    request = Request("GET", Rewritten(b"/new?b=2", b"/old?a=1"))

    assert (request.target, request.query) == ("/old?a=1", {"b": ["2"]})
