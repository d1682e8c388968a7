"""Write `junit.xml`: each check as a test case, for the tools that show tests."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from axis.grading.records import Mark, Marked, State
from axis.grading.reports import marks_table, report_files
from axis.grading.reports.report_text import number

#: What a test case holds for a state; for the others it holds nothing, and has passed.
OUTCOMES = {
    State.WRONG: "failure",
    State.UNANSWERED: "failure",
    State.STOPPED: "error",
    State.REFUSED: "error",
    State.WAITING: "skipped",
}
COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def write(folder: Path, marked: Sequence[Marked]) -> Path:
    """Write the file: a suite for each submission, a case for each check."""
    root = ET.Element("testsuites", name="marks")
    for one in sorted(marked, key=marks_table.order):
        _add_suite(root, one)
    _count(root, sum(one.result.seconds for one in marked))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return report_files.write(folder / "junit.xml", f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n')


def _add_suite(root: ET.Element, one: Marked) -> None:
    student, exercise, path = marks_table.order(one)
    suite = ET.SubElement(root, "testsuite", name=f"{student}: {exercise or path}")
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="path", value=path)
    refused = Mark("file", path, State.REFUSED, 0.0, 0.0, one.submission.problem)
    for mark in one.result.marks or (refused,):
        _add_case(suite, f"{exercise}.{student}", mark)
    if not one.result.confined:
        ET.SubElement(suite, "system-err").text = report_files.UNCONFINED
    _count(suite, one.result.seconds)


def _add_case(suite: ET.Element, group: str, mark: Mark) -> None:
    case = ET.SubElement(suite, "testcase", classname=group, name=mark.check, time="0")
    properties = ET.SubElement(case, "properties")
    points = "" if mark.points is None else number(mark.points)
    for name, value in (("title", mark.title), ("points", points), ("out_of", number(mark.out_of))):
        ET.SubElement(properties, "property", name=name, value=value)
    if mark.state in OUTCOMES:
        reason = mark.reason or mark.state.value
        ET.SubElement(case, OUTCOMES[mark.state], type=mark.state.value, message=reason).text = reason


def _count(element: ET.Element, seconds: float) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for attribute, tag in COUNTS.items():
        element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", f"{seconds:.3f}")
