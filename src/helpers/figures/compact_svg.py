"""Write the SVG of a chart with fewer elements, for pages that contain many charts in two widths."""

import re
import xml.etree.ElementTree as ET

SVG_NAMESPACE = "{http://www.w3.org/2000/svg}"
#: What Vega writes for screen readers and pointers; on a page, the box around the picture has the description.
ACCESSIBILITY_ATTRIBUTES = re.compile(r"role|aria-\w+|pointer-events")
#: The start of a line, as Vega writes it.
TRANSLATION = re.compile(r"translate\(([^)]+)\)")

ET.register_namespace("", SVG_NAMESPACE.strip("{}"))


def simplify_svg(svg: str) -> str:
    """Remove what draws nothing, dissolve groups without a style, and join lines of one style into one path.

    Parameters
    ----------
    svg
        A picture as Vega writes it.

    Returns
    -------
    str
        The same picture, without descriptions for screen readers.
    """
    root = ET.fromstring(svg)
    for element in root.iter():
        for name in filter(ACCESSIBILITY_ATTRIBUTES.fullmatch, list(element.attrib)):
            del element.attrib[name]
    _simplify_children(root)
    return ET.tostring(root, encoding="unicode")


def _simplify_children(element: ET.Element) -> None:
    children: list[ET.Element] = []
    for child in list(element):
        _simplify_children(child)
        if _is_plain_group(child):
            children += list(child)
        elif not _is_invisible(child):
            children.append(child)
    element[:] = _join_lines(children)


def _is_plain_group(element: ET.Element) -> bool:
    # A group of marks stays: its class distinguishes it from axes and legends.
    return (
        element.tag == f"{SVG_NAMESPACE}g"
        and set(element.attrib) <= {"class"}
        and "role-mark" not in element.get("class", "")
    )


def _is_invisible(element: ET.Element) -> bool:
    ground = element.tag == f"{SVG_NAMESPACE}path" and element.get("class") in ("background", "foreground")
    return ground and not {"fill", "stroke"} & set(element.attrib)


def _join_lines(children: list[ET.Element]) -> list[ET.Element]:
    joined: list[ET.Element] = []
    for child in children:
        path = _line_to_path(child)
        if path is not None and joined and _style_key(joined[-1]) == _style_key(path):
            joined[-1].set("d", joined[-1].get("d", "") + path.get("d", ""))
        else:
            joined.append(child if path is None else path)
    return joined


def _line_to_path(line: ET.Element) -> ET.Element | None:
    place = TRANSLATION.fullmatch(line.get("transform", ""))
    if line.tag != f"{SVG_NAMESPACE}line" or not place:
        return None
    look = {name: value for name, value in line.attrib.items() if name not in ("transform", "x2", "y2")}
    way = f"M{place[1]}l{line.get('x2', '0')},{line.get('y2', '0')}"
    return ET.Element(f"{SVG_NAMESPACE}path", {"d": way} | look)


def _style_key(element: ET.Element) -> tuple[str, dict[str, str]]:
    return element.tag, {name: value for name, value in element.attrib.items() if name != "d"}
