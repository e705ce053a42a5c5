"""Postman's collections (formats 2.0.0 and 2.1.0) as configs, and configs as collections.

`read.py` finds the documents; `items.py` walks through the folders of a collection; `urls.py`, `bodies.py`
and `responses.py` read what a saved example asks and answers, `variables.py` fills in variables, and
`templates.py` makes templates of those that differ at each request (`dynamic.py` has their TABLE). `auth.py`
reads who may ask. `choose.py` makes one endpoint of all examples of a method and a path, which chooses among
them as Postman's mock servers do. `write.py` goes the other way.

What the keys mean: https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""
