"""XML that is searched and written."""

from __future__ import annotations

from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import content
from understudy.render.handlebars.values import Values, plain_text


def _nodes(value: Any, expression: Any) -> list[Any]:
    from lxml import etree

    from understudy.views.xml import read_xml

    tree = read_xml(plain_text(value).encode())
    try:
        found = etree.XPath(plain_text(expression))(tree)
    except etree.XPathError as error:
        raise ValueError(f"the XPath failed: {error}") from None
    return found if isinstance(found, list) else [found]


def _node_text(node: Any) -> str:
    from lxml import etree

    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, float):
        return str(int(node)) if node.is_integer() else repr(node)
    if isinstance(node, str):
        return str(node)
    return etree.tostring(node, encoding="unicode", with_tail=False)


def xpath(options: Options, value: Any, expression: Any) -> Any:
    found = Values(map(_node_text, _nodes(value, expression)))
    return found or options.named.get("default", "")


def soap_xpath(options: Options, value: Any, expression: Any) -> Any:
    inside = "/*[local-name()='Envelope']/*[local-name()='Body']" + plain_text(expression)
    return xpath(options, value, inside)


def format_xml(options: Options, value: Any = None) -> str:
    from lxml import etree

    from understudy.views.xml import read_xml

    tree = read_xml(plain_text(content(options, value)).encode())
    return etree.tostring(tree, encoding="unicode", pretty_print=True)
