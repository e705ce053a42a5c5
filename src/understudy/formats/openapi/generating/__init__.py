"""How data is made from schemas; `understudy.formats.openapi.generate` is its entrance.

A schema goes through three stages. `lift` copies what it reaches into one dialect, 2020-12, so that what
comes after knows no other. `compiler` turns the copy into closures: it looks at each place of the data as the
list of all schemas that hold there (`facts`), chooses a branch of every `anyOf`, and hands what is left to
the file for its type: `numbers`, `strings`, `lists`, `objects`. At last the closures are called.
"""
