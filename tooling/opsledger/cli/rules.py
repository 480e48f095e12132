"""`opsledger rules`: explain the rules."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import format_option
from opsledger.cli.screen import show, wants_colour, wide
from opsledger.errors import NoLedger, NoRepository
from opsledger.policy import Policy, policy_of, settings_of
from opsledger.report.json_lines import line
from opsledger.report.rows import FORMS, render
from opsledger.report.rule_page import COLUMNS, own_page, own_rows, rule_page, rule_rows
from opsledger.rules.own import own_rules
from opsledger.rules.register import register, rule_called


@click.command("rules")
@click.argument("code", required=False)
@format_option(*FORMS)
@click.pass_obj
def command(caller: Caller, *, code: str | None, form: str) -> None:
    """
    Explain the rules.

    Without CODE, list them, and those that the policy around states as its own; with it, say why the rule is there,
    what fails, what passes and what to do.

    Exits 0 when there is something to explain, 2 when no rule has that code.
    """
    policy = _policy_around(caller)
    if code is None:
        rows = [*rule_rows(register()), *own_rows(own_rules(policy))]
        show(render(COLUMNS, rows, form, columns_wide=wide(), colour=wants_colour(caller.environment)))
        return
    own = own_rules(policy, code=code.upper()) if code.upper() not in register() else []
    if own:
        show([line(vars(one) | {"severity": one.severity.word}) for one in own] if form == "json" else own_page(own))
        return
    rule = rule_called(code)
    if form == "json":
        page = {"code": rule.code, "name": rule.name, "title": rule.title, "why": rule.why, "fix": rule.fix}
        show([line({**page, "severity": rule.severity.word, "examples": [vars(one) for one in rule.examples]})])
    else:
        show(rule_page(rule))


def _policy_around(caller: Caller) -> Policy:
    """Return the policy of the ledger around the caller; outside of one, one that says nothing."""
    try:
        with caller.book() as book:
            snapshot = book.snapshot()
            return policy_of(snapshot, book.kinds, settings_of(snapshot).preset)
    except (NoLedger, NoRepository):
        return Policy()
