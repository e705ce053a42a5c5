"""Control endpoints under `/__`, and what gives them to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.net.asgi import AsgiApp
    from understudy.net.reload import Source
    from understudy.net.server import Server


def equip(server: Server, source: Source) -> None:
    """Give a server its control app (imported when first asked) and a way to rebuild its program."""
    from understudy.net.builder import build
    from understudy.net.reload import Reloader

    def make_control_app() -> AsgiApp:
        from understudy.admin.app import control_app

        return control_app(server)

    server.control_app = make_control_app
    server.reloader = Reloader(server, build, source)
