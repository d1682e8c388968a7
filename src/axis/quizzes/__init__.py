"""The questions of the book for other programs: class platforms, and `axis answers`.

`question_bank` holds them as records, and reads and writes ``questions.json``. `qti_package` writes them for Canvas and
other platforms that read QTI 1.2, `moodle_xml` for Moodle.
"""
