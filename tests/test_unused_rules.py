"""The shared style has the rules that pages use, and no others."""

from axis.book.html_theme.unused_rules import page_words, remove_unused_rules, script_words

WORDS = page_words('<p class="note wide" id="top">') | script_words('box.classList.add("open"); // shown-later')


def test_a_rule_stays_if_pages_or_scripts_have_all_its_classes_and_ids() -> None:
    style = """
    /* a comment */
    p, .gone { color: red }
    .note.open > a:hover { color: blue; }
    .note .gone b { color: green }
    #top { content: "a  b" } #bottom { color: red }
    :is(.gone, p) { color: grey }
    @media (max-width: 600px) { .gone { color: red } .shown-later { color: red } }
    @media print { .gone { color: red } }
    """
    kept = remove_unused_rules(style, WORDS)
    for piece in ("p{color", ".note.open > a:hover", '"a  b"', ":is(.gone, p)", ".shown-later", "max-width: 600px"):
        assert piece in kept, piece
    for piece in ("comment", "p,.gone", ".gone b", "#bottom", "print", ".gone{"):
        assert piece not in kept, piece


def test_a_variable_stays_if_a_rule_or_a_script_reads_it() -> None:
    style = """
    :root { --used: 1px; --chain: var(--end); --end: 2px; --lost: var(--lost-too); --lost-too: rgba(1, 2, 3); --js: 3px;
      --icon: url("data:image/svg+xml;utf8,<svg/>") }
    p { margin: var(--used) var(--chain, 0) }
    """
    kept = remove_unused_rules(style, WORDS, ["style.getPropertyValue('--js')"])
    for name in ("--used:", "--chain:", "--end:", "--js:"):
        assert name in kept, name
    assert "--lost" not in kept
    # What cannot be cut out safely stays.
    assert 'url("data:image/svg+xml;utf8,<svg/>")' in kept
