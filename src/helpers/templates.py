"""Fill HTML templates; all values are escaped, and a missing value is an error."""

import functools

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(package: str, template: str, **values: object) -> str:
    """Fill one template.

    Parameters
    ----------
    package
        The package whose folder ``templates`` contains the template.
    template
        The name of its file.
    **values
        The values of its variables.
    """
    return _template_environment(package).get_template(template).render(**values)


@functools.cache
def _template_environment(package: str) -> Environment:
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
