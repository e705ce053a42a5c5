"""The cart: what a template could not say."""

from prices import total

from understudy import Request


def add(request: Request):
    item = request.json()
    if not isinstance(item, dict) or "price" not in item:
        return {"error": "an item has a price"}, 422
    items = request.state.push("cart", item)
    return {"items": items, "total": total(items)}


async def cart(request: Request):
    items = await request.state.get("cart")
    return {"items": items, "total": total(items)}
