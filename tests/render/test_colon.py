import pytest

from understudy.render.colon import rewrite_colon_forms


@pytest.mark.parametrize(
    ("form", "call"),
    [
        ("{{database_filter:genre:Fantasy}}", '{{ database_filter("genre", "Fantasy") }}'),
        ("{{ database_filter : genre : Fantasy }}", '{{ database_filter("genre", "Fantasy") }}'),
        ("{{database_find:id:{{query.id}}}}", '{{ database_find("id", (query.id)) }}'),
        ("{{database_find:id:{{ query.id }} }}", '{{ database_find("id", (query.id)) }}'),
        ("{{database_filter_genre:Science Fiction}}", '{{ database_filter_genre("Science Fiction") }}'),
        ("{{database_filter_genre:{{query.g}}}}", "{{ database_filter_genre((query.g)) }}"),
        ("{{database_filter:at:10:30}}", '{{ database_filter("at", "10:30") }}'),
        ("{{database_filter:a:b-{{query.c}}-d}}", '{{ database_filter("a", "b-" ~ (query.c) ~ "-d") }}'),
        ("{{database_filter:a:}}", '{{ database_filter("a", "") }}'),
        ('{{database_filter:a:say "hi"}}', '{{ database_filter("a", "say \\"hi\\"") }}'),
        ("n: {{database_filter:a:b}}!", 'n: {{ database_filter("a", "b") }}!'),
    ],
)
def test_a_colon_form_becomes_a_call(form, call):
    assert rewrite_colon_forms(form) == call


@pytest.mark.parametrize(
    "text",
    ["{{ database_filter('a', 'b') }}", "{{database_filter:a}}", "{{ database }}", "database_find:a:b", ""],
)
def test_all_else_is_left_alone(text):
    assert rewrite_colon_forms(text) == text
