"""`validate`: requests that do not fit their JSON Schemas are refused, or noted.

`schema` reads schemas and the files that they refer to, `explain` lists what does not fit, `coerce` reads
text as the values that a schema asks for, `stage` puts them together.
"""
