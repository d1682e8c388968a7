"""Remove the rules of a style sheet that apply to nothing on any page.

The stock theme brings all of Bootstrap, of which pages use a tenth. A rule stays if every class and every id that it
asks for is on a page or is a word in a script.
"""

import re
from collections.abc import Iterable, Iterator, Set
from typing import Any

import tinycss2

CLASSES_AND_IDS = re.compile(r'\b(?:class|id)="([^"]*)"')
WORD = re.compile(r"[A-Za-z_][\w-]*")
VARIABLE = re.compile(r"--[\w-]+")
#: A declaration of a variable, unless its value has quotation marks or brackets in brackets.
DECLARATION = re.compile(r"""(?<=[{; ])(--[\w-]+):(?:[^;{}"'(]|\([^()"';]*\))*(?:;|(?=\}))""")
EMPTY_RULE = re.compile(r"[^{}\n]+\{\s*\}\n?")
#: Rules inside which there are rules.
NESTING = frozenset({"media", "supports", "layer", "container"})


def page_words(html: str) -> set[str]:
    """Return the classes and ids on a page."""
    return {word for names in CLASSES_AND_IDS.findall(html) for word in names.split()}


def script_words(script: str) -> set[str]:
    """Return every word in a script, since any of them may become a class."""
    return set(WORD.findall(script))


def remove_unused_rules(style: str, words: Set[str], scripts: Iterable[str] = ()) -> str:
    """Return a style sheet without comments, and without rules and variables that nothing uses.

    Parameters
    ----------
    style
        The style sheet.
    words
        The classes and ids that pages and scripts use.
    scripts
        The scripts, which may read a variable.
    """
    rules = tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)
    text = "\n".join(_write_rules(rules, words))
    read_elsewhere = {name for script in scripts for name in VARIABLE.findall(script)}
    while True:
        used = set(re.findall(r"var\(\s*(--[\w-]+)", text)) | read_elsewhere
        shorter = _remove_variables(text, used)
        if shorter == text:
            return EMPTY_RULE.sub("", text)
        text = shorter


def _remove_variables(text: str, used: Set[str]) -> str:
    return DECLARATION.sub(lambda found: found[0] if found[1] in used else "", text)


def _write_rules(rules: list[Any], words: Set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "at-rule" and rule.at_keyword == "charset":
            continue
        if rule.type == "at-rule" and rule.content is not None and rule.lower_at_keyword in NESTING:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if kept := "".join(_write_rules(inner, words)):
                yield f"@{rule.at_keyword} {_write_tokens(rule.prelude).strip()}{{{kept}}}"
        elif rule.type == "qualified-rule":
            selectors = [one for one in _split_selectors(rule.prelude) if _can_apply(one, words)]
            if selectors and (content := _write_tokens(rule.content).strip().rstrip(";")):
                yield f"{','.join(_write_tokens(one).strip() for one in selectors)}{{{content}}}"
        elif rule.type != "error":
            yield _write_tokens([rule])


def _split_selectors(tokens: list[Any]) -> list[list[Any]]:
    """Split a list of selectors at its commas; those inside brackets stay."""
    found: list[list[Any]] = [[]]
    for part in tokens:
        if part == ",":
            found.append([])
        else:
            found[-1].append(part)
    return found


def _can_apply(selector: list[Any], words: Set[str]) -> bool:
    """Whether all classes and ids of a selector are in use; what stands in brackets is not looked at."""
    before = None
    for token in selector:
        is_class = token.type == "ident" and before == "."
        if (is_class or token.type == "hash") and token.value not in words:
            return False
        before = token
    return True


def _write_tokens(tokens: list[Any]) -> str:
    """Write tokens without comments, and with one space where there were several."""
    return "".join(
        " " if token.type == "whitespace" else token.serialize() for token in tokens if token.type != "comment"
    )
