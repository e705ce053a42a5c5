"""A user's Python: handlers, middleware and mounted applications, named in a config as `module:function`."""
