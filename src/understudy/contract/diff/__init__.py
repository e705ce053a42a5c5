"""What changes from one OpenAPI document to the next, and whether it breaks clients.

- `checks.py`: the TABLE of what may be found.
- `operations.py`: paths, operations, parameters, bodies, responses; `security.py`: who is let in.
- `schemas.py`: two schemas, in requests or in responses; `shape.py`: all that holds at one place of a schema.
- `change.py`: what was found.
"""
