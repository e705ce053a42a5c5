"""OpenAPI 3.0 and 3.1, and Swagger 2.0, as configs.

- `document.py`: the document and those that it refers to; a Node is a value in one of them and knows its
place.
- `operations.py`: what the document says of each operation, in one shape; `swagger.py` has version 2.0.
- `schemas.py`: its schemas as JSON Schemas of today, which refer to each other by name.
- `generate.py`, `generating/`: data that is made up from schemas.
- `paths.py`, `bodies.py`, `xml.py`, `requests.py`, `security.py`, `callbacks.py`: what becomes of the
parts of an
  operation.
- `to_config.py`: puts them together.
"""
