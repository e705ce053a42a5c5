"""What writing a config in another tool's format takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from understudy.errors import Problem

if TYPE_CHECKING:
    from understudy.load import Loaded


class Sample(NamedTuple):
    """A request that an endpoint takes, and what it answers.

    `endpoint` is the endpoint's number in the config, `name` its name, and `path` its path as the config
    writes it. `label` tells the answers of one endpoint apart, "" for the usual one. `target` is path and
    query as they are sent. `choice` is the number of the answer among the endpoint's `responses`.
    """

    endpoint: int
    name: str
    path: str
    label: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    reply_headers: tuple[tuple[str, str], ...]
    reply_body: bytes
    choice: int = 0


@dataclass(frozen=True)
class Outgoing:
    """A config to be written, with a sample of each answer that could be had, in the order of the config.

    `title` is a name for the whole, and `base_url` where its server would be reached, without a slash at the
    end. `suffix` is how the file that is to be written ends, such as ".yaml", and "" for a folder.
    """

    loaded: Loaded
    samples: tuple[Sample, ...]
    title: str
    base_url: str
    suffix: str


@dataclass(frozen=True)
class Exported:
    """The files of the other tool by relative path; the only one of a format of one file has the path "".

    `warnings` say what could not be carried over.
    """

    files: dict[str, bytes]
    warnings: tuple[Problem, ...] = ()
