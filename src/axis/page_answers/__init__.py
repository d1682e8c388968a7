"""What a class answered in the pages of the book: read, counted, and shown for the next lesson.

`answer_files` lists the files of a folder or a zip with the care of `axis.grading.intake`, on which it stands, and
`saved_answers` reads one of them. `class_answers` finds the student of each, and keeps one file for each student.
`answer_marks` counts what was answered and what was right at the first try, and writes ``marks.csv`` and
``gradebook.csv``. `class_spread` measures how the class answered, and `lesson_page` shows it. `answers_command` does
all of this for the command.
"""
