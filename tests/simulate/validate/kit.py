"""Schemas without a server around them."""

from understudy.load import load
from understudy.simulate.kit import Kit
from understudy.simulate.validate.schema import compile_schema


def kit_in(folder=None):
    return Kit(load({"endpoints": []}, folder=folder), {})


def schema_of(written, formats=True, folder=None):
    kit = kit_in(folder)
    schema = compile_schema(written, formats, kit, ("endpoints",))
    assert not kit.problems, kit.problems
    return schema


def problem_of(written, folder=None):
    kit = kit_in(folder)
    assert compile_schema(written, True, kit, ("endpoints",)) is None
    (problem,) = kit.problems
    return problem.message


__all__ = ["kit_in", "problem_of", "schema_of"]
