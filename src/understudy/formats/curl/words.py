"""A text of shell commands as words, as a POSIX shell splits it (Shell Command Language, 2.2 and 2.3).

Bash's `$'…'` is understood, as browsers write it. Variables that the text sets are put in; what else a shell
would have put in (variables, the output of commands) is a mark, see `formats.asked`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from understudy.formats.asked import MAX_ASKED, mark
from understudy.load.fault import Fault, NotReadable

MAX_WORDS = 200_000
MAX_CHARACTERS = 80_000_000
"""Characters in all words: more than a document may have, as variables can be put in over and over."""
MAX_VALUE = 1_000_000
"""Characters that a variable may hold."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_PLAIN = re.compile(r"[^\s\\'\"$`;&|<>()#]+")
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_ANSI = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_ANSI_NUMBER = re.compile(r"x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}")


@dataclass
class Command:
    """The words of a simple command, the line it begins at, and what it reads from `<<`, if anything.

    `is_cut`: an `&` without quotes has ended it within an address, which is hardly what was meant.
    """

    line: int
    words: list[str] = field(default_factory=list)
    stdin: str | None = None
    is_cut: bool = False


def split(text: str) -> list[Command]:
    """The commands of a text. Raises NotReadable for a quote that does not end, and beyond the bounds."""
    return _Splitter(text.replace("\r\n", "\n")).commands()


class _Splitter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._words = 0
        self._size = 0
        self._variables: dict[str, str] = {}
        self._word: list[str] | None = None
        self._command: Command | None = None
        self._documents: list[tuple[Command, str, bool]] = []
        self._found: list[Command] = []

    def commands(self) -> list[Command]:
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character == "\n":
                self._end_command()
                self._at += 1
                self._read_documents()
            elif character.isspace():
                self._end_word()
                self._at += 1
            elif character == "#" and self._word is None:
                self._at = self._until("\n")
            elif character in ";&|()":
                loose = character == "&" and self._word is not None and "://" in "".join(self._word)
                self._end_word()
                if loose and self._command is not None:
                    self._command.is_cut = True
                self._end_command()
                self._at += 1
            elif character in "<>":
                self._redirect()
            else:
                self._piece(character)
        self._end_command()
        return self._found

    # ---- words

    def _piece(self, character: str) -> None:
        """A part of a word: plain, escaped, or in quotes."""
        text, at = self._text, self._at
        if character == "\\":
            if text[at + 1 : at + 2] == "\n":
                self._at = at + 2
                return
            self._add(text[at + 1 : at + 2])
            self._at = at + 2
        elif character == "'":
            end = text.find("'", at + 1)
            if end < 0:
                self._no_end()
            self._add(text[at + 1 : end])
            self._at = end + 1
        elif character == '"':
            self._at = at + 1
            self._double()
        elif character == "$" and text[at + 1 : at + 2] == "'":
            self._ansi()
        elif character == "$" and text[at + 1 : at + 2] == '"':
            self._at = at + 1
        elif character in "$`":
            self._add(self._expansion())
        else:
            found = _PLAIN.match(text, at)
            piece = found[0] if found else character
            self._add(piece)
            self._at = at + len(piece)

    def _double(self) -> None:
        text = self._text
        start = self._at
        self._add("")
        while True:
            found = _IN_QUOTES.match(text, self._at)
            if found:
                self._add(found[0])
                self._at = found.end()
            character = text[self._at : self._at + 1]
            if character == '"':
                self._at += 1
                return
            if character == "\\":
                following = text[self._at + 1 : self._at + 2]
                if following != "\n":
                    self._add(following if following in '$`"\\' else "\\" + following)
                self._at += 2
            elif character:
                self._add(self._expansion())
            else:
                self._at = start
                self._no_end()

    def _ansi(self) -> None:
        """Text in `$'…'` (Bash Reference Manual, section 3.1.2.4)."""
        text = self._text
        start, at = self._at, self._at + 2
        self._add("")
        while True:
            stop = at
            while stop < len(text) and text[stop] not in "\\'":
                stop += 1
            self._add(text[at:stop])
            if stop >= len(text) - (text[stop : stop + 1] == "\\"):
                self._at = start
                self._no_end()
            if text[stop] == "'":
                self._at = stop + 1
                return
            number = _ANSI_NUMBER.match(text, stop + 1)
            if number:
                digits = number[0]
                code = int(digits[1:], 16) if digits[0] in "xuU" else int(digits, 8)
                self._add(chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd")
                at = number.end()
            else:
                self._add(_ANSI.get(text[stop + 1], "\\" + text[stop + 1]))
                at = stop + 2

    def _expansion(self) -> str:
        """What stands for a variable, or for the output of a command."""
        text, at = self._text, self._at
        if text[at] == "`":
            end = text.find("`", at + 1)
            self._at = len(text) if end < 0 else end + 1
            return mark("output")
        if text[at + 1 : at + 2] == "(":
            depth, end = 1, at + 2
            while end < len(text) and depth:
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
            self._at = end
            return mark("output")
        if text[at + 1 : at + 2] == "{":
            end = text.find("}", at)
            if end < 0:
                self._no_end()
            found = _NAME.match(text, at + 2)
            self._at = end + 1
            whole = found is not None and found.end() == end
            return self._value(found[0], whole) if found else mark("value")
        found = _NAME.match(text, at + 1)
        if found is None:
            self._at = at + 1
            return "$"
        self._at = found.end()
        return self._value(found[0], True)

    def _value(self, name: str, whole: bool) -> str:
        return self._variables.get(name, mark(name)) if whole else mark(name)

    def _add(self, piece: str) -> None:
        self._size += len(piece)
        if self._size > MAX_CHARACTERS:
            raise NotReadable([Fault(f"more than {MAX_CHARACTERS} characters", line=self._here())])
        self._word = self._word if self._word is not None else []
        self._word.append(piece)

    def _end_word(self) -> None:
        if self._word is None:
            return
        self._words += 1
        if self._words > MAX_WORDS:
            raise NotReadable([Fault(f"more than {MAX_WORDS} words", line=self._here())])
        word, self._word = "".join(self._word), None
        if self._command is None:
            # where the word ended, less the lines that are in it
            self._command = Command(self._here() - word.count("\n"))
        self._command.words.append(word)

    def _end_command(self) -> None:
        self._end_word()
        command, self._command = self._command, None
        if command is None:
            return
        words = command.words
        if words[0] == "export":
            del words[0]
        while words and (found := _ASSIGNMENT.fullmatch(words[0])):
            if len(found[2]) <= MAX_VALUE:
                self._variables[found[1]] = found[2]
            del words[0]
        if words:
            self._found.append(command)
            if len(self._found) > MAX_ASKED:
                raise NotReadable([Fault(f"more than {MAX_ASKED} commands", line=command.line)])

    # ---- redirections

    def _redirect(self) -> None:
        """Pass over `> file` and `< file`, and take `<<` and `<<<` as what the command reads."""
        text = self._text
        if self._word and "".join(self._word).isdigit():  # as in `2>`
            self._word = None
        self._end_word()
        command = self._command
        operator = re.compile(r"<<<|<<-?|[<>]+[&|]?").match(text, self._at)
        assert operator is not None, "it begins with one of these"
        self._at = operator.end()
        quoted = False
        while self._at < len(text) and text[self._at] in " \t":
            self._at += 1
        while self._at < len(text) and not text[self._at].isspace() and text[self._at] not in ";&|()<>":
            quoted = quoted or text[self._at] in "'\"\\"
            self._piece(text[self._at])
        word, self._word = "".join(self._word or ()), None
        if command is None:
            return
        if operator[0] == "<<<":
            command.stdin = word + "\n"
        elif operator[0].startswith("<<"):
            self._documents.append((command, word, operator[0] == "<<-"))

    def _read_documents(self) -> None:
        """The lines that `<<` has announced. Variables in them are not put in."""
        for command, word, tabs in self._documents:
            lines: list[str] = []
            while self._at < len(self._text):
                end = self._until("\n")
                line = self._text[self._at : end]
                self._at = end + 1
                line = line.lstrip("\t") if tabs else line
                if line == word:
                    break
                lines.append(line + "\n")
            command.stdin = "".join(lines)
        self._documents.clear()

    # ---- places

    def _until(self, text: str) -> int:
        end = self._text.find(text, self._at)
        return len(self._text) if end < 0 else end

    def _here(self) -> int:
        """The line of the place that has been read to, from 1."""
        if self._at > self._counted:
            self._line += self._text.count("\n", self._counted, self._at)
            self._counted = self._at
        return self._line

    def _no_end(self) -> None:
        raise NotReadable([Fault("a quote or a brace begins here and does not end", line=self._here())])
