"""Write a chapter as a notebook that JupyterLab shows as the page does.

JupyterLab shows MyST directives and roles as raw text. Here each becomes plain Markdown:
a question or prediction a disclosure, a citation its author and year.
"""

import re
from pathlib import Path

import jupytext
import nbformat
from markdown_it import MarkdownIt
from pybtex.database import BibliographyData, parse_file

ROLE = re.compile(r"\{cite:([pt])\}`([^`]+)`")
TARGET = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
CHAPTER_LINK = re.compile(r"\]\((\d[\w-]*)\.md\)")
OPTION_LINE = re.compile(r"^:\w+:.*$\n?", re.MULTILINE)
CHOICE = re.compile(r"^- \[(x| )\] ", re.MULTILINE)


def is_chapter(source: Path) -> bool:
    """Tell whether a Markdown file is a notebook in text form."""
    return source.read_text(encoding="utf-8").startswith("---\njupytext:")


def write(source: Path, target: Path, references: Path) -> Path:
    """Write one chapter as a notebook.

    Parameters
    ----------
    source
        The chapter, MyST Markdown with jupytext's header.
    target
        The notebook to write.
    references
        The bibliography that the chapter cites.
    """
    works = parse_file(str(references))
    notebook = jupytext.read(source, fmt="md:myst")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _plain(cell.source, works)
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def _plain(text: str, works: BibliographyData) -> str:
    lines = text.split("\n")
    fences = [token for token in MarkdownIt().parse(text) if token.type == "fence" and token.info[:1] == "{"]
    for fence in reversed(fences):
        if fence.map:
            lines[slice(*fence.map)] = _directive(fence.info, fence.content).split("\n")
    text = ROLE.sub(lambda role: _citation(role[1], role[2], works), "\n".join(lines))
    return CHAPTER_LINK.sub(r"](\1.ipynb)", TARGET.sub("", text))


def _directive(info: str, content: str) -> str:
    name, _, argument = info.partition("}")
    argument = argument.strip()
    if name == "{question":
        answers = CHOICE.sub(lambda mark: "- **Right:** " if mark[1] == "x" else "- ", content)
        options = "\n".join(f"- {line[6:]}" for line in content.split("\n") if CHOICE.match(line))
        return f"**{argument}**\n\n{options}\n\n{_disclosure('Show what each answer means', answers)}"
    if name == "{prediction":
        prompt, _, answer = OPTION_LINE.sub("", content).partition("\n---\n")
        return f"**{argument}** {prompt.strip()}\n\n{_disclosure('Show the answer', answer)}"
    if name == "{exercise":
        return f"Open [the exercise](../assignments/{argument}.ipynb)."
    return content


def _disclosure(summary: str, content: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{content.strip()}\n\n</details>"


def _citation(kind: str, keys: str, works: BibliographyData) -> str:
    named = [_author_and_year(key.strip(), works) for key in keys.split(",")]
    if kind == "t":
        return ", ".join(f"{author} ({year})" for author, year in named)
    return "(" + "; ".join(f"{author} {year}" for author, year in named) + ")"


def _author_and_year(key: str, works: BibliographyData) -> tuple[str, str]:
    entry = works.entries[key]
    people = [" ".join(person.last_names).strip("{}") for person in entry.persons.get("author", [])]
    return " and ".join(people), entry.fields["year"]


def main(root: Path) -> None:
    """Write every chapter below `root` beside its source, for JupyterLab and Binder."""
    for source in sorted((root / "chapters").glob("*.md")):
        if is_chapter(source):
            print(write(source, source.with_suffix(".ipynb"), root / "data/references.bib"))


if __name__ == "__main__":
    main(Path.cwd())
