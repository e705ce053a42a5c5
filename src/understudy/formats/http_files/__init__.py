"""`.http` and `.rest` files as endpoints that take their requests.

`parse.py` takes a text apart, `variables.py` fills in what is known, `answers.py` finds stored answers,
and `read.py` makes the config. The dialects are those of VS Code's REST Client, JetBrains' HTTP Client and
httpYac.
"""
