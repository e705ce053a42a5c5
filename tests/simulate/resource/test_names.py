import pytest

from understudy.simulate.resource.names import foreign_key, singular


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("posts", "post"),
        ("comments", "comment"),
        ("categories", "category"),
        ("movies", "movie"),
        ("boxes", "box"),
        ("addresses", "address"),
        ("houses", "house"),
        ("statuses", "status"),
        ("status", "status"),
        ("people", "person"),
        ("children", "child"),
        ("knives", "knife"),
        ("leaves", "leaf"),
        ("analyses", "analysis"),
        ("series", "series"),
        ("blogPosts", "blogPost"),
        ("blog_categories", "blog_category"),
        ("keys", "key"),
        ("heroes", "hero"),
        ("buses", "bus"),
        ("profile", "profile"),
        ("", ""),
        ("ß-1", "ß-1"),
    ],
)
def test_singular(plural, expected):
    assert singular(plural) == expected


def test_foreign_key():
    assert foreign_key("posts") == "postId"
