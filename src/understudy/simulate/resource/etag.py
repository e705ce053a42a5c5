"""Entity tags, and requests that hold only for some state of a record (RFC 9110 sections 8.8.3 and 13)."""

from __future__ import annotations

import re
from hashlib import blake2b

from understudy.request import Request
from understudy.simulate.resource.refused import Refused

_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def etag(content: bytes) -> bytes:
    """The strong tag of a representation: another content has another tag."""
    return b'"%b"' % blake2b(content, digest_size=12).hexdigest().encode()


def not_modified(request: Request, tag: bytes) -> bool:
    """Whether a reader has this representation already. Raises Refused if it insists on another one."""
    wanted = request.header("if-match")
    if wanted is not None and not _names(wanted, tag, weak=False):
        raise _failed("If-Match", tag)
    known = request.header("if-none-match")
    return known is not None and _names(known, tag, weak=True)


def check_write(request: Request, tag: bytes) -> None:
    """Raise Refused if a writer's conditions do not hold for what it is about to change."""
    wanted = request.header("if-match")
    if wanted is not None and not _names(wanted, tag, weak=False):
        raise _failed("If-Match", tag)
    unwanted = request.header("if-none-match")
    if unwanted is not None and _names(unwanted, tag, weak=True):
        raise _failed("If-None-Match", tag)


def _names(header: str, tag: bytes, *, weak: bool) -> bool:
    """Whether a list of tags, or `*`, has the tag. A strong comparison takes no weak tags."""
    if header.strip() == "*":
        return True
    text = tag.decode()
    return any(value == text and (weak or not is_weak) for is_weak, value in _TAG.findall(header))


def _failed(name: str, tag: bytes) -> Refused:
    return Refused(412, f"{name} does not hold: the ETag is {tag.decode()} now", headers=((b"ETag", tag),))
