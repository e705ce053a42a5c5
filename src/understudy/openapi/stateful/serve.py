"""From resources to what answers their operations.

Records are in the store, as all that is remembered: each space has its own, and a reset begins anew.
"""

from __future__ import annotations

from understudy.formats.openapi.schemas import Schemas
from understudy.openapi.data import Data
from understudy.openapi.stateful.infer import Action, Inferred
from understudy.openapi.stateful.operation import Operation
from understudy.openapi.stateful.served import Served
from understudy.simulate.exchange import Exchange, Produce
from understudy.simulate.kit import Kit
from understudy.simulate.resource.catalog import catalog_of
from understudy.simulate.resource.refused import Refused
from understudy.steps import Reply, Step


def compile_stateful(resources: tuple[Inferred, ...], kit: Kit, data: Data) -> dict[tuple[str, str], Produce]:
    """What makes the answers of the resources' operations, by method and path as the document has them.

    `data` makes the data of the document. The collections are added to the kit's. A request's `params` have
    the names that `path_of` gives them.
    """
    shown, asked = Schemas(data.is_new, "writeOnly"), Schemas(data.is_new, "readOnly")
    if kit.has_resources:
        catalog_of(kit)  # whose collections keep their names
    served: dict[str, Served] = {}
    for resource in resources:
        name = resource.name
        while name in kit.collections:
            name += "_"
        served[resource.path] = Served(resource, name, data, shown, asked, kit, served)
        kit.collections[name] = served[resource.path].collection
    return {
        (action.operation.method, action.operation.path): _produce(one, action)
        for one in served.values()
        for action in one.resource.actions
    }


def _produce(served: Served, action: Action) -> Produce:
    operation = Operation(served, action)

    async def produce(exchange: Exchange) -> tuple[Step, ...]:
        try:
            return (await operation.handler(exchange),)
        except Refused as refused:
            status, headers, body = operation.refusals.answer(refused)
            return (Reply(status, headers, body),)

    return produce
