"""`callbacks` as webhooks: the way back from `webhooks.py`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from msgspec import UNSET

from understudy.formats.exported import Outgoing
from understudy.formats.outgoing import CannotSay, Place
from understudy.formats.wiremock.write_response import distribution
from understudy.formats.wiremock.write_texts import Texts
from understudy.model import Callback, Endpoint, Latency, each_callback, templating

Written = dict[str, Any]


def listeners_of(endpoint: Endpoint, outgoing: Outgoing, place: Place) -> Written:
    """The webhooks of a stub; one that cannot be said is a warning."""
    if endpoint.callbacks is UNSET:
        return {}
    found = []
    for number, callback in enumerate(each_callback(endpoint.callbacks)):
        inner = (
            place.at("callbacks", number) if isinstance(endpoint.callbacks, list) else place.at("callbacks")
        )
        try:
            found.append({"name": "webhook", "parameters": _webhook(callback, endpoint, outgoing, inner)})
        except CannotSay as left:
            inner.warn(f"this callback is left out: {left}")
    return {"serveEventListeners": found} if found else {}


def _webhook(callback: Callback, endpoint: Endpoint, outgoing: Outgoing, place: Place) -> Written:
    written = endpoint.templates if callback.templates is UNSET else callback.templates
    texts = Texts(templating(written), "originalRequest")
    for key in ("when", "sign"):
        if getattr(callback, key) is not UNSET:
            place.warn(f"`{key}` of a callback has no counterpart")
    if callback.retries:
        place.warn("webhooks are not sent again: `retries` has no counterpart")
    url = texts.text(callback.url).text
    made: Written = {"method": callback.method, "url": outgoing.base_url + url if url[:1] == "/" else url}
    headers: Written = {}
    for name, value in callback.headers.items():
        several = value if isinstance(value, list) else [value]
        headers[name] = ", ".join(texts.text(str(one)).text for one in several)
    body: Written = {}
    if callback.response is not UNSET:
        body = {"jsonBody": texts.json(callback.response)[0]}
    elif callback.body is not UNSET:
        body = {"body": texts.text(str(callback.body)).text}
    elif callback.form is not UNSET:
        body = {"body": urlencode({name: str(value) for name, value in callback.form.items()})}
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    if headers:
        made["headers"] = headers
    return made | body | _delay(callback, place) | texts.parameters


def _delay(callback: Callback, place: Place) -> Written:
    if not isinstance(callback.delay_ms, Latency):
        return (
            {"delay": {"type": "fixed", "milliseconds": round(callback.delay_ms)}}
            if callback.delay_ms
            else {}
        )
    found = distribution(callback.delay_ms)
    if found is None:
        place.warn("this distribution has no counterpart: the callback is sent at once")
    return {"delay": found} if found else {}
