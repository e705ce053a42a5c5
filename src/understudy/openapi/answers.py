"""What an operation answers: one of its documented responses, in a media type, with an example or made data.

`compile_answers` reads an operation once. What does not depend on a request is built when it is first asked
for, and kept as bytes; `Answers.prepare` builds all of it, so that what cannot be built is known before
anyone asks. Which answer a request gets is Prism's choice (its docs/guides/01-mocking.md, and what version
5.12 does, row by row in tests/openapi/test_prism_table.py), with these differences, each of which serves
clients better:

- Without a wish for another, a request that is one of the document's own examples gets the example of a
  response that has the same name (see `pairs`).
- JSON comes first among what a client accepts alike, and JSON of a type of its own is JSON.
- What a client wishes and cannot have is told as the first thing that was missing, not as an unknown error.
- Text that is documented as an object is written as JSON, not refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from understudy.formats.openapi.bodies import OWN_HEADERS
from understudy.formats.openapi.document import Node
from understudy.formats.openapi.generate import CannotGenerate, Lots
from understudy.formats.openapi.operations import Example, Header, Media, Operation, Response
from understudy.model.parts import TOKEN
from understudy.openapi.data import Data
from understudy.openapi.links import Links, Seen, Targets, compile_links
from understudy.openapi.negotiate import (
    REFUSALS,
    Offer,
    choose_offer,
    offers_of,
    response_for,
    usual_response,
)
from understudy.openapi.pairs import Pairs, compile_pairs
from understudy.openapi.prefer import NOTHING, Wish
from understudy.openapi.problems import problem
from understudy.openapi.written import body_bytes, header_value
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.steps import Header as RawHeader
from understudy.steps import Reply

MAX_ACCEPTS = 64
"""Different `Accept` headers whose outcome is remembered for the usual answer: there are few in practice."""
MAX_KEPT = 40
"""Pairs of a response and a status whose replies are kept: `default` may be asked for with any status."""


class Answer(NamedTuple):
    """A reply, the documented response and media type that it is, and the name of its example ("" if it has
    none).

    `response` is None for a problem: nothing that is documented was sent. `media` is None for an empty body.
    """

    reply: Reply
    response: Response | None = None
    media: Media | None = None
    example: str = ""


def compile_answers(
    operation: Operation,
    data: Data,
    *,
    targets: Targets | None = None,
    path_names: Mapping[str, str] | None = None,
    base: str = "",
    dynamic: bool = False,
    ignore_examples: bool = False,
) -> Answers:
    """The answers of an operation; `data` and `targets` are shared by those of one document.

    `dynamic`: data is made anew for each request that wishes nothing else; `ignore_examples`: those of media
    types are for those who ask for them by name. `base` stands before the paths of links. `path_names` has
    the names of path parameters in `Request.params`, where they are others than in the document.
    """
    return Answers(_Scope(operation, data, targets, path_names or {}, base, dynamic, ignore_examples))


class _Scope(NamedTuple):
    """What all answers of an operation are made with."""

    operation: Operation
    data: Data
    targets: Targets | None
    path_names: Mapping[str, str]
    base: str
    dynamic: bool
    ignore_examples: bool


class Answers:
    """The answers of one operation."""

    def __init__(self, scope: _Scope) -> None:
        self._scope = scope
        self._responses = scope.operation.responses
        self._documented: dict[tuple[str, int], _Documented] = {}
        found = usual_response(self._responses)
        self._chosen = self._of(*found) if found is not None else None
        self._pairs = self._compile_pairs()
        self._usual: Answer | None = None
        self._accepted: dict[bytes, bool] = {}
        # what a request that wishes nothing gets is the same for all of them
        self._is_constant = self._pairs is None and (
            self._chosen is None or (not self._chosen.by_request and not scope.dynamic)
        )

    @property
    def usual(self) -> Answer | None:
        """The answer to a valid request that wishes nothing and accepts anything; None if it depends on the
        request."""
        if self._usual is None and self._is_constant:
            self._usual = self._negotiated(None, None, NOTHING, None)
            self._usual.reply.is_shared = True
        return self._usual

    def quick(self, request: Request) -> Answer | None:
        """The usual answer, if it is the one for this request: what one look at the headers tells. None: ask
        `choose`."""
        if not self._is_constant or b"__" in request.raw_target:
            return None
        accept: bytes | None = None
        for name, value in request.raw_headers:
            if len(name) == 6:
                lower = name.lower()
                if lower == b"prefer" or (lower == b"accept" and accept is not None):
                    return None
                if lower == b"accept":
                    accept = value
        if accept is not None and not self._takes_usual(accept):
            return None
        return self.usual

    def choose(self, request: Request, wish: Wish, draws: Lots) -> Answer:
        """The answer to a valid request. `draws` is what dynamic data is made from, unless a seed is wished.

        Raises nothing: what cannot be answered is a problem, and says so.
        """
        accept = request.header("accept")
        if wish.code is None:
            return self._negotiated(request, accept, wish, draws)
        # an exchange ends with a status from 200 to 599, whatever else a client wishes
        found = response_for(self._responses, (wish.code,)) if 200 <= wish.code < 600 else None
        if found is None:
            detail = f"Requested status code {wish.code} is not defined in the document."
            return Answer(problem("NOT_FOUND", detail))
        answer = self._of(*found).answer(request, accept, wish, draws, self._names(request, wish))
        if answer.response is not None:
            return answer
        instead = self._negotiated(request, accept, wish, draws)
        return instead if instead.response is not None else answer

    def refuse(self, status: int, request: Request, wish: Wish, draws: Lots) -> Answer | None:
        """The documented answer to a request that is refused with 401, 415 or 422 (see `REFUSALS`).

        None if none is documented. A problem if an example of it was wished that it does not have.
        """
        expected = REFUSALS[status]
        found = response_for(self._responses, expected)
        if found is None:
            return None
        name = wish.example if wish.code in expected else None
        return self._of(*found).refusal(request, wish._replace(example=name), draws)

    def alternatives(self, answer: Answer, request: Request) -> Iterator[Answer]:
        """What could be sent in the place of an answer: the other examples of its media type, then data from
        its schema."""
        for documented in self._documented.values():
            if answer.response is documented.response and answer.reply.status == documented.status:
                yield from documented.alternatives(answer, request)
                return

    def prepare(self) -> None:
        """Build everything that does not depend on a request. What cannot be built is a warning of the
        document."""
        for response in self._responses:
            found = None
            if response.status == "default":
                found = response_for((response,), (200,))
            elif response.status[0] != "1":
                found = response_for((response,), (int(response.status.replace("XX", "00")),))
            if found is not None:
                self._of(*found).prepare()

    def prepared(self) -> Iterator[tuple[Answer, Node]]:
        """All that was built by now from examples, and where each of these is written."""
        for documented in self._documented.values():
            yield from documented.prepared()

    # --- parts -----------------------------------------------------------------------------------------

    def _of(self, response: Response, status: int) -> _Documented:
        key = response.status, status
        found = self._documented.get(key)
        if found is None:
            found = _Documented(self._scope, response, status)
            if len(self._documented) < MAX_KEPT:
                self._documented[key] = found
        return found

    def _negotiated(
        self, request: Request | None, accept: str | None, wish: Wish, draws: Lots | None
    ) -> Answer:
        """The answer where no status is wished."""
        if self._chosen is None:
            return Answer(problem("NO_RESPONSE_DEFINED"))
        names = self._names(request, wish)
        chosen = self._chosen
        if names and wish.code is None and not chosen.names.intersection(names):
            chosen = self._elsewhere(names) or chosen
        return chosen.answer(request, accept, wish, draws, names)

    def _names(self, request: Request | None, wish: Wish) -> tuple[str, ...]:
        """The names of the document's requests that this one is."""
        if self._pairs is None or request is None or wish.example is not None:
            return ()
        return self._pairs.of(request)

    def _elsewhere(self, names: Sequence[str]) -> _Documented | None:
        """The other response that has an example of one of these names."""
        for name in names:
            for response in self._responses:
                found = usual_response((response,))
                if found is None or name not in _names(response):
                    continue
                # beside a success, `default` is what goes wrong
                return self._of(response, 500 if response.status == "default" else found[1])
        return None

    def _compile_pairs(self) -> Pairs | None:
        """The pairs of requests and responses, if there are some that make a difference.

        Those of other responses count only where the usual one has some too, as then the names are meant so:
        many documents call any example `default` or `example`.
        """
        scope = self._scope
        if self._chosen is None or scope.dynamic or scope.ignore_examples:
            return None
        own = self._chosen.names
        if not own or compile_pairs(scope.operation, own, scope.path_names) is None:
            return None
        every = own.union(*map(_names, self._responses))
        pairs = compile_pairs(scope.operation, every, scope.path_names)
        firsts = {media.examples[0].name for media in self._chosen.media if media.examples}
        if pairs is not None and len(firsts) == 1 and firsts == set(pairs.names):  # what is sent anyhow
            return None
        return pairs

    def _takes_usual(self, accept: bytes) -> bool:
        known = self._accepted.get(accept)
        if known is None:
            offers = self._chosen.offers if self._chosen is not None else ()
            known = not offers or choose_offer(accept.decode("latin-1"), offers) is offers[0]
            if len(self._accepted) < MAX_ACCEPTS:
                self._accepted[accept] = known
        return known


def _names(response: Response) -> frozenset[str]:
    return frozenset(example.name for media in response.media for example in media.examples if example.name)


class _Documented:
    """One response with one status: its replies, built when they are first asked for."""

    def __init__(self, scope: _Scope, response: Response, status: int) -> None:
        self._scope = scope
        self.response = response
        self.status = status
        self._name = f"{scope.operation.method} {scope.operation.path} {response.status}"
        self._kept: dict[tuple[int, int], tuple[Answer, object]] = {}
        """Answers and their data; by the ids of offer and example, which live as long as this does."""
        self._headers: tuple[RawHeader, ...] | None = None
        self.offers = offers_of(response, status)
        self.media = response.media
        self.names = _names(response)
        self._links = self._compile_links()
        self.by_request = self._links is not None and self._links.by_request

    def _compile_links(self) -> Links | None:
        scope = self._scope
        if scope.targets is None:
            return None
        return compile_links(self.response, scope.targets, scope.base, scope.path_names)

    def answer(
        self,
        request: Request | None,
        accept: str | None,
        wish: Wish,
        draws: Lots | None,
        names: Sequence[str] = (),
    ) -> Answer:
        """The answer in the media type that is accepted. `names` are examples that fit the request."""
        if not self.offers:
            return self._static(request, None, None)
        offer = choose_offer(accept, self.offers)
        if offer is None:
            return Answer(problem("NOT_ACCEPTABLE", f"Unable to find content for {accept}"))
        scope = self._scope
        if wish.example is not None:
            return self._by_name(request, offer, wish.example)
        if wish.dynamic if wish.dynamic is not None else scope.dynamic:
            if offer.media.schema is not None:
                return self._dynamic(request, offer, wish, draws)
            if wish.dynamic:
                title = f"Tried to force a dynamic response for: {offer.type} but schema is not defined."
                return Answer(problem("UNKNOWN", title=title))
        if scope.ignore_examples and offer.media.schema is not None:
            return self._static(request, offer, None)
        for name in names:
            paired = _find(offer, name)
            if paired is not None:
                return self._static(request, offer, paired)
        return self._static(request, offer, next(iter(offer.media.examples), None))

    def refusal(self, request: Request, wish: Wish, draws: Lots) -> Answer:
        """The answer to a request that is refused: an example if there is one, whatever is accepted, as a
        client must be told; in a type that it accepts, if there is a choice."""
        offers = [one for one in self.offers if one.media.examples]
        if not offers:
            offers = [one for one in self.offers if one.media.schema is not None]
            if not offers:
                return self._static(request, None, None)
        offer = choose_offer(request.header("accept"), offers) or offers[0]
        if offer.media.examples:
            if wish.example is not None:
                return self._by_name(request, offer, wish.example)
            return self._static(request, offer, offer.media.examples[0])
        if wish.dynamic if wish.dynamic is not None else self._scope.dynamic:
            return self._dynamic(request, offer, wish, draws)
        return self._static(request, offer, None)

    def alternatives(self, answer: Answer, request: Request) -> Iterator[Answer]:
        """See `Answers.alternatives`."""
        offer = next((one for one in self.offers if one.media is answer.media), None)
        if offer is None:
            return
        for example in offer.media.examples:
            if example.name != answer.example:
                yield self._static(request, offer, example)
        if offer.media.schema is not None:
            yield self._static(request, offer, None)

    def prepare(self) -> None:
        """Build all replies."""
        for offer in self.offers or (None,):
            examples: Sequence[Example | None] = offer.media.examples if offer is not None else ()
            for example in examples or (None,):
                self._static(None, offer, example)

    def prepared(self) -> Iterator[tuple[Answer, Node]]:
        """See `Answers.prepared`."""
        for answer, _ in self._kept.values():
            for example in answer.media.examples if answer.media is not None else ():
                if example.name == answer.example:
                    yield answer, example.node

    # --- replies ---------------------------------------------------------------------------------------

    def _by_name(self, request: Request | None, offer: Offer, name: str) -> Answer:
        example = _find(offer, name)
        if example is None:
            detail = f"Response for contentType: {offer.type} and exampleKey: {name} does not exist."
            return Answer(problem("NOT_FOUND", detail))
        return self._static(request, offer, example)

    def _static(self, request: Request | None, offer: Offer | None, example: Example | None) -> Answer:
        """An answer that is the same each time, but for links."""
        key = id(offer), id(example)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._build(offer, example)
        answer, value = found
        if self.by_request and answer.response is not None:
            return answer._replace(reply=self._linked(answer.reply, request, value))
        return answer

    def _build(self, offer: Offer | None, example: Example | None) -> tuple[Answer, object]:
        try:
            value = self._value(offer, example)
        except CannotGenerate as error:
            return self._too_complex(offer, error), None
        if self._headers is None:
            self._headers = self._header_lines(None)
        reply = self._reply(offer, value, self._headers)
        if not self.by_request:
            reply = self._linked(reply, None, value)
        reply.is_shared = True
        media = offer.media if offer is not None else None
        return Answer(reply, self.response, media, example.name if example is not None else ""), value

    def _value(self, offer: Offer | None, example: Example | None) -> object:
        if offer is None:
            return None
        if example is not None:
            return example.node.value
        if offer.media.schema is not None:
            return self._scope.data.same(offer.media.schema, self._name)
        return {} if offer.type.partition(";")[0].strip().endswith("json") else None  # so that it is JSON

    def _dynamic(self, request: Request | None, offer: Offer, wish: Wish, draws: Lots | None) -> Answer:
        """An answer whose data is made for this request."""
        assert offer.media.schema is not None, "asked for by those that have one"
        lots = Draws(0, f"{self._name} {wish.seed}", 0) if wish.seed is not None else draws
        assert lots is not None, "whoever wishes has lots"
        try:
            value = self._scope.data.anew(offer.media.schema, lots)
        except CannotGenerate as error:
            return self._too_complex(offer, error)
        reply = self._reply(offer, value, self._header_lines(lots))
        return Answer(self._linked(reply, request, value), self.response, offer.media)

    def _too_complex(self, offer: Offer | None, error: CannotGenerate) -> Answer:
        if offer is not None:
            offer.media.node.warn(f"no data could be made up for this: {error.reason}")
        detail = "Unable to generate body for response. The schema is too complex to generate."
        return Answer(problem("SCHEMA_TOO_COMPLEX", detail, reason=str(error)))

    def _reply(self, offer: Offer | None, value: object, headers: tuple[RawHeader, ...]) -> Reply:
        if offer is None:
            return Reply(self.status, headers, b"")
        body = body_bytes(offer.media, offer.type if offer.type != "*/*" else offer.sent, value)
        return Reply(self.status, ((b"Content-Type", header_value(offer.sent)), *headers), body)

    def _linked(self, reply: Reply, request: Request | None, value: object) -> Reply:
        if self._links is None:
            return reply
        found = self._links.headers(Seen(request, reply.status, reply.headers, value))
        return reply.with_headers(found) if found else reply

    def _header_lines(self, lots: Lots | None) -> tuple[RawHeader, ...]:
        """The documented headers; those without an example from these lots, if there are some."""
        found: list[RawHeader] = []
        for header in self.response.headers:
            if header.name.lower() in OWN_HEADERS:
                continue
            if not TOKEN.fullmatch(header.name):
                header.node.warn("this cannot be the name of a header: it is left out", found=header.name)
                continue
            try:
                value = self._header_data(header, lots)
            except CannotGenerate as error:
                header.node.warn(f"no value could be made up, the header is left out: {error.reason}")
                continue
            found.append((header.name.encode(), header_value(value)))
        if self._scope.operation.deprecated and not any(name.lower() == b"deprecation" for name, _ in found):
            found.append((b"Deprecation", b"true"))
        return tuple(found)

    def _header_data(self, header: Header, lots: Lots | None) -> object:
        if header.examples:
            return header.examples[0].node.value
        if header.schema is None:
            return ""
        if lots is not None:
            return self._scope.data.anew(header.schema, lots, header.name)
        return self._scope.data.same(header.schema, self._name, header.name)


def _find(offer: Offer, name: str) -> Example | None:
    return next((one for one in offer.media.examples if one.name == name), None)
