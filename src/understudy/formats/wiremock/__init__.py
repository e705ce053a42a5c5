"""WireMock's stub mappings as endpoints: a folder with `mappings/` and `__files/`, or one file of stubs.

`read.py` finds the stubs, `stub.py` makes an endpoint of each; `request.py`, `conditions.py` and `bodies.py`
read what a stub demands, `response.py` and `webhooks.py` what it answers and sends.
"""
