"""The command ``python -m axis.editions``: write the built book as a PDF, an EPUB or an offline copy."""

from pathlib import Path

import click

from axis.book_identity import edition_words, read_book_identity, read_citation_file
from axis.editions import built_book, epub, offline, pdf
from axis.errors import BookError

WRITERS = {"pdf": pdf.write_pdf, "epub": epub.write_epub}


@click.command()
@click.argument("form", type=click.Choice([*WRITERS, "offline"]))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--root", default=Path(), type=click.Path(path_type=Path), help="The folder of _config.yml and _toc.yml.")
@click.option("--from", "html", default=Path("_build/html"), type=click.Path(path_type=Path), help="The built pages.")
def main(form: str, target: Path, root: Path, html: Path) -> None:
    """Write the built book in another FORM to the file TARGET, and print its size."""
    try:
        if form == "offline":
            edition = edition_words(read_citation_file(root))
            offline.write_offline_archive(read_book_identity(root), edition, html, target)
        else:
            WRITERS[form](built_book.read_built_book(root, html), target)
    except BookError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{target}: cannot be written ({error.strerror}); name another file.") from error
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
