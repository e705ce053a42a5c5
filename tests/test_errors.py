from understudy.errors import ConfigError, Problem


def test_a_problem_says_where_what_and_how_to_mend_it():
    problem = Problem(
        'unknown key "pth"',
        "config.json",
        3,
        "endpoints[0].pth",
        found="pth",
        accepted="path",
        suggestion='"path"',
    )
    assert str(problem) == (
        "config.json:3  endpoints[0].pth\n"
        '  unknown key "pth"\n'
        "  found: pth\n"
        "  accepted: path\n"
        '  did you mean "path"?'
    )
    assert problem.as_json()["line"] == 3


def test_all_problems_are_listed():
    error = ConfigError([Problem("one"), Problem("two", path="port")])
    assert str(error) == "2 problems in the config:\nconfig\n  one\nconfig  port\n  two"
    assert str(ConfigError([Problem("one")])).startswith("1 problem in the config:")
    assert Problem("one").as_json() == {"message": "one"}


def test_a_problem_says_nothing_to_a_terminal():
    problem = Problem("wrong\nhere", "a\n\x1b[31m\udcff.json", found="x\x00\x9b")
    assert str(problem) == "a\\n\\x1b[31m\\udcff.json\n  wrong\nhere\n  found: x\\x00\\x9b"
