"""The reference: a page for each kind, from its schema, and for each rule, from its docstring."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsledger.kind import Lifecycle
from opsledger.ledger import Ledger
from opsledger.rules.register import Rule
from opsledger.site import graphics
from opsledger.site.atlas import Atlas, badge, family_of, home, standing
from opsledger.site.lists import field_rows, reference_sentences
from opsledger.site.overviews import Tally
from opsledger.site.press import Press
from opsledger.site.slugs import slug
from opsledger.site.text import prose
from opsledger.site.values import Shape, label


def write_kinds(
    ledger: Ledger,
    atlas: Atlas,
    shapes: Mapping[str, Shape],
    press: Press,
    *,
    tallies: Sequence[tuple[str, list[Tally]]],
    explained: Collection[str],
) -> None:
    """
    Write the index of kinds and a page for each.

    Args:
        tallies: the kinds by family.
        explained: the codes of the rules that have a page.
    """
    about = [
        {"name": kind.name, "family": kind.family, "description": kind.description} for kind in ledger.kinds.values()
    ]
    press.page("kinds/index", "kinds", "Kinds of record", {"kinds": about}, families=tallies, kinds=ledger.kinds)
    naming = _naming(ledger)
    for kind in ledger.kinds.values():
        lifecycle = kind.lifecycle
        press.page(
            f"kinds/{slug(kind.name)}",
            "kind",
            kind.title,
            {"kind": kind.name, "schema": kind.schema},
            within="kinds/index",
            kind=kind,
            family=family_of(kind),
            list_href=f"{home(kind)}/index.html",
            total=sum(atlas.counts[kind.name].values()),
            fields=field_rows(shapes[kind.name]),
            map=_map(lifecycle),
            moves=_moves(lifecycle),
            asks=_asks(lifecycle, explained),
            says=reference_sentences(kind.references),
            said=naming.get(kind.name, []),
        )


def _naming(ledger: Ledger) -> dict[str, list[tuple[str, str]]]:
    """How other kinds name each kind: the words from its side, and the naming kind."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for kind in ledger.kinds.values():
        for reference in kind.references:
            for named in ledger.kinds if reference.kinds == ("*",) else reference.kinds:
                found.setdefault(named, {})[reference.inverse, kind.name] = None
    return {name: list(words) for name, words in found.items()}


def _map(lifecycle: Lifecycle | None) -> Markup:
    if lifecycle is None:
        return Markup("")
    moves = {state: [move.to for move in out] for state, out in lifecycle.moves.items()}
    return graphics.lifecycle_map(lifecycle.main, moves, lifecycle.done)


def _moves(lifecycle: Lifecycle | None) -> list[tuple[Markup, list[Markup]]]:
    if lifecycle is None:
        return []
    return [
        (
            _badge(lifecycle, state),
            [_badge(lifecycle, move.to, bool(move.when)) for move in lifecycle.moves.get(state, ())],
        )
        for state in lifecycle.states
    ]


def _badge(lifecycle: Lifecycle, state: str, conditional: bool = False) -> Markup:
    shown = badge(state, standing(lifecycle, state))
    return shown + Markup('<sup title="for some records only">*</sup>') if conditional else shown


def _asks(lifecycle: Lifecycle | None, explained: Collection[str]) -> list[dict[str, Any]]:
    """What states require, in the order in which the main path meets it."""
    if lifecycle is None:
        return []
    place = {state: at for at, state in enumerate(lifecycle.states)}
    found = [
        {
            "first": min(requirement.states, key=lambda state: place.get(state, len(place)), default=""),
            "onward": len(requirement.states) > 1,
            "at": " › ".join(label(part) for part in requirement.at.split("/")[1:]) or "the record",
            "says": requirement.says,
            "code": requirement.code,
            "rule": slug(requirement.code) if requirement.code in explained else "",
            "sometimes": requirement.when is not None,
        }
        for requirement in lifecycle.requires
    ]
    found.sort(key=lambda ask: place.get(str(ask["first"]), len(place)))
    return [{**ask, "badge": badge(str(ask["first"]), standing(lifecycle, str(ask["first"])))} for ask in found]


def write_rules(rules: Sequence[Rule], press: Press) -> None:
    """Write the index of rules and a page for each."""
    ordered = sorted(rules, key=lambda rule: rule.code)
    families: dict[str, list[Mapping[str, str]]] = {}
    about = [_about(rule) for rule in ordered]
    for told in about:
        families.setdefault(told["code"][:3], []).append(told)
    press.page("rules/index", "rules", "Rules", {"rules": about}, families=list(families.items()), slug=slug)
    for rule, told in zip(ordered, about, strict=True):
        press.page(
            f"rules/{slug(rule.code)}",
            "rule",
            f"{told['code']} {told['title']}",
            {**told, "name": rule.name, "why": rule.why, "fix": rule.fix},
            within="rules/index",
            rule=told,
            why=prose(rule.why),
            fix=prose(rule.fix),
            examples=rule.examples,
        )


def title_of(rule: Rule) -> str:
    """What a rule is called in lists: its first sentence without the stop."""
    return rule.title.removesuffix(".").replace("`", "")


def _about(rule: Rule) -> Mapping[str, str]:
    return {"code": rule.code, "title": title_of(rule), "severity": rule.severity.word, "reach": rule.reach.value}
