"""Bytes → XML, from somebody who may wish us ill.

A document with a DOCTYPE is refused, so that there are no entities: none that grow (CWE-776), none that
fetch (CWE-611). libxml2's own bounds stay on: depth 256, text of 10 MB, no network.
"""

from __future__ import annotations

import re
from typing import Any

from understudy.views.charset import codec, decode

MAX_XML_BYTES = 5 * 1024 * 1024
"""Largest document that is read: elements take some thirty times the room of the bytes they are sent in."""

# What may stand before a DOCTYPE (XML 1.0, production 22). Nothing is tried twice: the loop is possessive.
_DOCTYPE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def read_xml(body: bytes, charset: str | None = None) -> Any:
    """The root element of a document, without comments and processing instructions. Raises ValueError.

    `charset` is what the Content-Type says; it goes before what the document says (RFC 7303 section 3).
    """
    from lxml import etree

    if len(body) > MAX_XML_BYTES:
        raise ValueError(f"the body is not read as XML: it has more than {MAX_XML_BYTES} bytes")
    encoding = None
    if charset is not None and codec(charset) is not None:
        body, encoding = decode(body, charset).encode(), "utf-8"
    elif body[:2] in _WIDE or b"\0" in body[:4]:
        little = body[:2] == b"\xff\xfe" or body[1:2] == b"\0"
        body, encoding = body.decode("utf-16-le" if little else "utf-16-be", "replace").encode(), "utf-8"
    if _DOCTYPE.match(body):
        raise ValueError(REFUSED)
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(
            f"the body is not XML: {str(getattr(error, 'msg', error) or 'it is empty')[:200]}"
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding that the look above cannot read
        raise ValueError(REFUSED)
    return root


REFUSED = "the body is not read as XML: it has a DOCTYPE, and a document that may define entities is refused"
