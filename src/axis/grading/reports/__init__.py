"""From the marks of a class to files: for the gradebook, for each student, for the instructor.

`all_reports` writes every one of them. `marks_table` is the table that they share and the file `marks.csv`,
`class_statistics` is what the table says of the class; `report_text`, `spreadsheet` and `safe_filenames` make
students' texts and names safe to print and to write; each other module is one file.
"""
