"""What the loader hears of documents."""

from understudy.load.driven import Driven, Expanded
from understudy.model import OpenApi


def test_what_came_of_a_document_is_empty_until_it_is_filled():
    made = Expanded()
    assert (made.endpoints, made.schemes, made.faults) == ([], {}, [])
    assert made.problems == made.warnings == made.files == ()


def test_an_operation_is_a_number_in_a_document():
    settings = OpenApi(spec="a.yaml")
    assert Driven("document", 3, settings) == ("document", 3, settings)
