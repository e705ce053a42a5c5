import msgspec
import pytest
from msgspec import inspect

from understudy import model
from understudy.model import Config, Model, Static

MODELS = [
    value
    for name in model.__all__
    if isinstance(value := getattr(model, name), type) and issubclass(value, Model) and value is not Model
]


@pytest.mark.parametrize("written", ["public", ["public"], {"folder": "public"}, [{"folder": "public"}]])
def test_statics_are_in_their_long_form(written):
    assert msgspec.convert({"static": written}, Config).statics == (Static(folder="public"),)


def test_no_static_folder():
    assert Config().statics == ()


@pytest.mark.parametrize("each", MODELS)
def test_every_key_is_described(each):
    assert each.__doc__.endswith(".")
    for field in inspect.type_info(each).fields:
        assert isinstance(field.type, inspect.Metadata), field.name
        assert field.type.extra_json_schema["description"].rstrip("`").endswith("."), field.name


def example_of(field):
    return field.type.extra_json_schema.get("examples", ["x"])[0]


@pytest.mark.parametrize("each", MODELS)
def test_examples_fit(each):
    fields = inspect.type_info(each).fields
    needed = {field.encode_name: example_of(field) for field in fields if field.required}
    for field in fields:
        for example in field.type.extra_json_schema.get("examples", []):
            msgspec.convert({**needed, field.encode_name: example}, each)


@pytest.mark.parametrize("each", MODELS)
def test_unknown_keys_are_refused(each):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"zzz": 1}, each)


@pytest.mark.parametrize(
    "config",
    [
        {"port": 65_536},
        {"port": "80"},
        {"host": ""},
        {"trailing_slash": "never"},
        {"static": {"folder": "x", "path": "y"}},
        {"static": {"folder": "x", "headers": {"a b": 1}}},
        {"limits": {"head_timeout_s": 0}},
        {"cors": {"max_age_s": -1}},
        {"log": {"max_entries": -1}},
    ],
)
def test_refused(config):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(config, Config)
