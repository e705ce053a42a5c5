"""Recorded exchanges as steps: `Replies` by the settings of a `Record`, `compile_rendered` for templates."""

from understudy.record.replies.rendered import Rendered, compile_rendered
from understudy.record.replies.replies import Replies

__all__ = ["Rendered", "Replies", "compile_rendered"]
