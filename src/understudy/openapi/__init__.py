"""An OpenAPI document that drives the server: its operations are endpoints, found, checked and answered as it
says, as the key `openapi` asks for.

`formats/openapi` reads documents; here is what happens with them at request time.
"""
