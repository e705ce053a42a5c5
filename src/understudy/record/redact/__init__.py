"""Secrets are taken out before anything reaches a disk, a log or an error message.

`Redactor` does it for whole exchanges; `find` says what it would take out of files. The rules are TABLEs:
names of fields and headers (`names`), forms of keys (`patterns`); what looks random (`entropy`) is the last
resort, and is asked for whole values only: of headers, queries, and texts in JSON, forms and XML. What
stands in a secret's place (`placeholders`) names the rule and nothing else, so that the same request becomes
the same text.
"""

from understudy.record.redact.redactor import Redactor
from understudy.record.redact.rules import check, rule_names
from understudy.record.redact.scan import Finding, find
from understudy.record.redact.shown import shown

__all__ = ["Finding", "Redactor", "check", "find", "rule_names", "shown"]
