from understudy.errors import UnderstudyError
from understudy.render.errors import Rejected, RenderError, TemplateProblem


def test_a_problem_says_where_what_and_the_nearest_spelling():
    problem = TemplateProblem("response.id", "uiud", "there is no helper uiud", "uuid")
    assert isinstance(problem, UnderstudyError)
    assert str(problem) == "response.id: uiud: there is no helper uiud; did you mean uuid?"
    assert str(TemplateProblem("body", "x", "no")) == "body: x: no"


def test_a_render_error_says_where_and_what():
    error = RenderError("response.n", "1 / 0", "unable to calculate 1 / 0")
    assert isinstance(error, UnderstudyError)
    assert (error.where, error.expression, error.message) == (
        "response.n",
        "1 / 0",
        "unable to calculate 1 / 0",
    )
    assert str(error) == "response.n: 1 / 0: unable to calculate 1 / 0"


def test_a_rejection_keeps_its_parts():
    rejected = Rejected("x", "no", "y")
    assert (rejected.expression, rejected.message, rejected.suggestion) == ("x", "no", "y")
