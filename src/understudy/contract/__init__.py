"""Whether a config keeps the contract that an OpenAPI document is, and what changes from one document to the
next.

- `spec.py`: a document that has been read, and how its paths are compared.
- `diff/`: two documents: what was added, removed and changed, and whether it breaks clients.
"""
