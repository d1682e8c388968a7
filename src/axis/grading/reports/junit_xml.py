"""Write `junit.xml`, with each check as a test case, for tools that show test results."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from axis.grading.records import Mark, MarkedSubmission, State
from axis.grading.reports import marks_table
from axis.grading.reports.report_text import UNCONFINED, format_number, write_report

#: The element in a test case for each state; a case without such an element has passed.
OUTCOMES = {
    State.WRONG: "failure",
    State.UNANSWERED: "failure",
    State.STOPPED: "error",
    State.REFUSED: "error",
    State.FAILED: "error",
    State.WAITING: "skipped",
}
COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def write_junit_xml(folder: Path, marked: Sequence[MarkedSubmission]) -> Path:
    """Write the file, with a suite for each submission and a case for each check."""
    root = ET.Element("testsuites", name="marks")
    for one in sorted(marked, key=marks_table.sort_key):
        _add_test_suite(root, one)
    _set_counts(root, sum(one.result.seconds for one in marked))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return write_report(folder / "junit.xml", f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n')


def _add_test_suite(root: ET.Element, one: MarkedSubmission) -> None:
    student, exercise, path = marks_table.sort_key(one)
    suite = ET.SubElement(root, "testsuite", name=f"{student}: {exercise or path}")
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="path", value=path)
    refused = Mark("file", path, State.REFUSED, None, 0.0, one.submission.problem)
    for mark in one.result.marks or (refused,):
        _add_test_case(suite, f"{exercise}.{student}", mark)
    if not one.result.confined:
        ET.SubElement(suite, "system-err").text = UNCONFINED
    _set_counts(suite, one.result.seconds)


def _add_test_case(suite: ET.Element, group: str, mark: Mark) -> None:
    case = ET.SubElement(suite, "testcase", classname=group, name=mark.check, time="0")
    properties = ET.SubElement(case, "properties")
    points = "" if mark.points is None else format_number(mark.points)
    for name, value in (("title", mark.title), ("points", points), ("out_of", format_number(mark.out_of))):
        ET.SubElement(properties, "property", name=name, value=value)
    if mark.state in OUTCOMES:
        reason = mark.reason or mark.state.value
        ET.SubElement(case, OUTCOMES[mark.state], type=mark.state.value, message=reason).text = reason


def _set_counts(element: ET.Element, seconds: float) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for attribute, tag in COUNTS.items():
        element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", f"{seconds:.3f}")
