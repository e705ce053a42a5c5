"""A user's modules, loaded anew for each Program.

The modules in the config's folder live below a package of their own, `_understudy_1` for the first Program,
so that a reload finds neither the old ones nor those of another server in the same process. `import helpers`
in one of them finds `helpers.py` in the folder, as if the folder were on Python's path; it is not, and
nobody else sees these modules under their plain names. They are read from their sources each time: a cached
one may be as old as the second in which it was written.
"""

from __future__ import annotations

import builtins
import sys
import types
import weakref
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

PREFIX = "_understudy_"
_numbers = count(1)


class LoadError(Exception):
    """A module or function that cannot be had. `file` and `line` say where in Python; None: nowhere there."""

    def __init__(
        self,
        message: str,
        file: str | None = None,
        line: int | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.suggestion = suggestion


class Workspace:
    """The user's modules of one Program. They are forgotten when it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = f"{PREFIX}{next(_numbers)}"
        self.broken: dict[str, LoadError] = {}
        """Modules that could not be loaded, so that each is tried and told only once."""
        self.middleware: Any = None
        """The compiled middleware of the whole config, once there is some."""
        package = types.ModuleType(self.root)
        package.__path__ = [str(folder)]
        sys.modules[self.root] = package
        if _FINDER not in sys.meta_path:
            sys.meta_path.insert(0, _FINDER)
        self._end = weakref.finalize(self, _forget, self.root)

    def load(self, written: str) -> Any:
        """The object that `module:name` names. Raises LoadError."""
        name, _, attribute = written.partition(":")
        found: Any = self._module(name)
        for part in attribute.split("."):
            if not hasattr(found, part):
                raise self._no_such(found, name, attribute, part)
            found = getattr(found, part)
        return found

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the folder that were loaded."""
        names = sorted(name for name in list(sys.modules) if name.startswith(f"{self.root}."))
        paths = (getattr(sys.modules[name], "__file__", None) for name in names)
        return tuple(Path(path) for path in paths if path)

    @property
    def fingerprint(self) -> str:
        """Changes whenever one of the files does."""
        digest = blake2b(digest_size=16)
        for file in self.files:
            with suppress(OSError):
                digest.update(file.read_bytes())
            digest.update(b"\0")
        return digest.hexdigest()

    def close(self) -> None:
        """Forget the modules."""
        self._end()

    def _module(self, name: str) -> types.ModuleType:
        if name in self.broken:
            raise self.broken[name]
        own = is_local(str(self.folder), name.partition(".")[0])
        full = f"{self.root}.{name}" if own else name
        try:
            return import_module(full)
        except SyntaxError as error:
            failed = LoadError(f"SyntaxError: {error.msg}", error.filename, error.lineno)
        except ModuleNotFoundError as error:
            if error.name is not None and f"{full}.".startswith(f"{error.name}."):
                failed = self._missing(name, own)
            else:
                failed = self._failed(error)
        except (Exception, SystemExit) as error:
            failed = self._failed(error)
        self.broken[name] = failed
        raise failed

    def _missing(self, name: str, own: bool) -> LoadError:
        from difflib import get_close_matches

        path = name.replace(".", "/")
        known = sorted(file.stem for file in self.folder.glob("*.py"))
        near = get_close_matches(name, known, 1)
        where = f"{path}.py in the config's folder" + ("" if own else ", and none is installed")
        return LoadError(f"there is no module {name}: no {where}", suggestion=near[0] if near else None)

    def _failed(self, error: BaseException) -> LoadError:
        """An error that was raised while a module ran: the last line of the folder that took part."""
        file, line = last_line(error, self.folder)
        return LoadError(f"{type(error).__name__}: {error}", file, line)

    def _no_such(self, found: Any, module: str, attribute: str, part: str) -> LoadError:
        from difflib import get_close_matches

        near = get_close_matches(part, [name for name in dir(found) if not name.startswith("_")], 1)
        file = getattr(sys.modules.get(f"{self.root}.{module}"), "__file__", None)
        shown = Path(file).name if file else module
        return LoadError(f"{shown} has no {attribute}", suggestion=f"{module}:{near[0]}" if near else None)


def last_line(error: BaseException, folder: Path) -> tuple[str | None, int | None]:
    """File and line of the innermost part of an error's traceback that is in the folder."""
    file, line = None, None
    traceback = error.__traceback__
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if Path(name).is_relative_to(folder):
            file, line = name, traceback.tb_lineno
        traceback = traceback.tb_next
    return file, line


def is_local(folder: str, name: str) -> bool:
    """Whether a top-level name is a module of the folder.

    A folder without `__init__.py` is one only if there is no other module of the name, as Python has it: the
    folder `json` is rather full of replies than of code.
    """
    base = Path(folder)
    if (base / f"{name}.py").is_file() or (base / name / "__init__.py").is_file():
        return True
    return (base / name).is_dir() and name not in sys.modules and find_spec(name) is None


class _Loader(SourceFileLoader):
    """Runs a module so that its imports look into the folder first."""

    def __init__(self, fullname: str, path: str, folder: str) -> None:
        super().__init__(fullname, path)
        self._folder = folder

    def get_code(self, fullname: str) -> types.CodeType | None:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def exec_module(self, module: types.ModuleType) -> None:
        root = module.__name__.partition(".")[0]
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _importer(root, self._folder)}
        super().exec_module(module)


class _Finder(MetaPathFinder):
    """Finds what is below the packages of workspaces."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        root, dot, _ = fullname.partition(".")
        if not dot or not root.startswith(PREFIX):
            return None
        package = sys.modules.get(root)
        # a file that was just written must not be hidden by a listing of its folder from before
        PathFinder.invalidate_caches()
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader and package is not None:
            spec.loader = _Loader(fullname, spec.loader.path, package.__path__[0])
            spec.cached = None
        return spec


_FINDER = _Finder()


def _importer(root: str, folder: str) -> Any:
    """The `__import__` of the modules of a folder. It holds nothing that holds a Program."""

    def import_(
        name: str,
        globals: Any = None,
        locals: Any = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> types.ModuleType:
        top = name.partition(".")[0]
        if level or not is_local(folder, top):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        if fromlist:
            return builtins.__import__(f"{root}.{name}", globals, locals, fromlist, 0)
        import_module(f"{root}.{name}")
        return sys.modules[f"{root}.{top}"]

    return import_


def _forget(root: str) -> None:
    for name in [name for name in sys.modules if name == root or name.startswith(f"{root}.")]:
        del sys.modules[name]
