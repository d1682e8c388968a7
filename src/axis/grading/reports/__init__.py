"""From the marks of a class to files for the gradebook, for each student and for the instructor.

`all_reports` writes all of them. `marks_table` builds the table that they share, and writes it as `marks.csv`.
`class_statistics` computes what the table says about the class. `report_text`, `spreadsheet` and `safe_filenames`
make the texts and names of students safe to print and to write. Each of the other modules writes one file.
"""
