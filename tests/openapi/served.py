"""Documents served in-process: what a request gets, without a socket."""

import json
from pathlib import Path

import yaml

from understudy.build import build
from understudy.engine import World, decide
from understudy.request import Request

PETS = """
openapi: 3.1.0
info: { title: Pets, version: "1" }
servers: [{ url: "https://api.example.com/v1" }]
security: [{ key: [] }]
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      parameters: [{ name: limit, in: query, schema: { type: integer, maximum: 10 } }]
      responses:
        "200":
          description: some
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/Pet" } }
              examples:
                two: { value: [{ id: 1, name: Rex }, { id: 2, name: Tom }] }
                none: { value: [] }
    post:
      operationId: addPet
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } }
      responses:
        "201":
          description: added
          content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } }
        "422":
          description: wrong
          content: { application/json: { example: { error: wrong } } }
  /pets/{petId}:
    get:
      operationId: getPet
      security: []
      parameters: [{ name: petId, in: path, required: true, schema: { type: integer } }]
      responses:
        "200":
          description: one
          content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } }
        "404":
          description: none
          content: { application/json: { example: { error: none } } }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Key } }
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: { type: integer, minimum: 1, maximum: 1000000 }
        name: { type: string }
"""
KEY = ("X-Key", "k")


class Served:
    """A config with documents, and answers to requests."""

    def __init__(self, program):
        self.program = program
        self.world = World(1, lambda: 1_700_000_000.0)
        self.plan = None

    def ask(self, target, method="GET", *headers, body=b""):
        """Status and body (JSON if it is) of the answer. `plan` and `reply` are kept."""
        if isinstance(body, dict | list):
            body, headers = json.dumps(body).encode(), (*headers, ("Content-Type", "application/json"))
        pairs = [("Host", "localhost"), *headers]
        request = Request(
            method, target.encode(), [(name.encode(), value.encode()) for name, value in pairs], body
        )
        self.plan = decide(self.program, request, self.world)
        self.reply = self.plan.reply
        assert self.reply is not None
        kinds = [value for name, value in self.reply.headers if name.lower() == b"content-type"]
        if kinds and b"json" in kinds[0]:
            return self.reply.status, json.loads(self.reply.body)
        return self.reply.status, self.reply.body.decode()

    def header(self, name):
        """The value of a header of the last reply; None if it has none."""
        found = [value.decode() for key, value in self.reply.headers if key.decode().lower() == name.lower()]
        return found[0] if found else None


def served(folder: Path, text: str = PETS, config: dict | None = None, **settings) -> Served:
    """A document in a folder, as a config with these settings names it."""
    (folder / "pets.yaml").write_text(text)
    written = {"openapi": {"spec": "pets.yaml", **settings}, **(config or {})}
    (folder / "config.yaml").write_text(yaml.safe_dump(written))
    return Served(build(folder / "config.yaml"))
