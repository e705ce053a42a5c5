"""State from a document: operations that form REST resources remember what clients write.

`infer` finds them, `explain` says why the others are not; `compile_stateful` gives what answers them.

- `shapes.py`: what schemas say of the shape of bodies.
- `infer.py`: paths and schemas → resources and what each operation does to them.
- `data.py`, `records.py`: data for schemas; records as the server completes, changes and seeds them.
- `listing.py`: the query of a list. `envelope.py`: what stands around records. `refusals.py`: errors.
- `serve.py`: the operations at request time, over `simulate/resource`.
"""

from understudy.openapi.stateful.infer import Inference, Inferred, explain, infer
from understudy.openapi.stateful.serve import compile_stateful

__all__ = ["Inference", "Inferred", "compile_stateful", "explain", "infer"]
