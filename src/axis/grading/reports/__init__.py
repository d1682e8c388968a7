"""From the marks of a class to files: for the gradebook, for each student, for the instructor.

`all_reports` writes every one of them. `marks_table` is the table that they share, `statistics` what it says
of the class, `report_text` and `spreadsheet` make students' text safe to print; each other module is one file.
"""
