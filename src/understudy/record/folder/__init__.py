"""Recordings as a folder of small files that are easy to read, to edit and to compare.

One exchange is one JSON file, `FOLDER/HOST/METHOD-PATH.json`, such as `api.example.com/get-users-42.json`;
the next one of the same name is `get-users-42~2.json`. The `id` of an exchange is that path without `.json`.
It never changes: recording an exchange again overwrites its file.

    {
      "recorded_at": "2026-01-31T12:00:00.125Z",
      "request": {
        "method": "GET",
        "url": "https://api.example.com/users/42?full=1",
        "headers": ["Host: api.example.com", "Accept: */*"]
      },
      "response": {
        "status": 200,
        "reason": "OK",
        "headers": ["Content-Type: application/json", "Content-Length: 24"],
        "json": {
          "id": 42,
          "name": "Alice"
        }
      },
      "wait_ms": 41.5,
      "total_ms": 43.25
    }

- Headers are lines `Name: value`, in order. One whose value is no UTF-8 is `{"name": …, "base64": …}`. In
  files that are written by hand they may be an object, too.
- A body is one of `json`, `text` and `file`, or nothing if it is empty. `json` is JSON as it was sent, but
  for white space; `json_style` says what that was: `compact` (the default), `spaced`, `lines` or `indent N`,
  then `, newline` if the body ends with one. `text` is short text in one line. `file` is the name of a file
  beside this one: `get-users-42.response.html`.
- A body with a `Content-Encoding` stands there decoded, and `encoded` is the name of a file beside it with
  the bytes that were sent: `get-users-42.response.json.gz`. They are what is sent again, unless somebody has
  edited the decoded body: then that is encoded anew. Where they cannot be decoded, and where they are more
  than 8 MiB, there is `encoded` alone.
- Other keys of a response: `version` (default `1.1`), `framing` (`length`, `chunked`, `close`, `none`;
  default `length`), `trailers`, and `chunks`: when each piece of a stream came, as `120.5 ms: 64 bytes`.
- Who edits a body need not count: `Content-Length` and the last of the `chunks` are corrected when the file
  is read, unless the response was broken off.
- `failed` is `{"kind", "message", "at_ms"}`, where there was no response, or not all of one. `messages` are
  those of a WebSocket: `{"at_ms", "from", "kind", "text" or "base64"}`, a `close` with its `code`. `secrets`
  counts what was taken out, and `note` is free text.
- Files may also be YAML (`.yaml`, `.yml`). Names that begin with a dot are ignored. `recordings.yaml` holds
  settings (see `settings`).

A folder may come from a stranger: nothing in it leads out of it, is run, or is read without a bound.
"""

from __future__ import annotations

from understudy.record.folder.reader import Folder, read_exchange, read_folder
from understudy.record.folder.settings import target_of, write_settings
from understudy.record.folder.sources import read_recording
from understudy.record.folder.writer import FolderWriter

__all__ = [
    "Folder",
    "FolderWriter",
    "read_exchange",
    "read_folder",
    "read_recording",
    "target_of",
    "write_settings",
]
