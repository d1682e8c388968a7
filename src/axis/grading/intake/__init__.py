"""From a folder or a zip to one list of submissions: whose each file is, and of which exercise.

`submitted_files` lists files and `archives` opens zips in memory; `filenames` reads names as platforms write
them, `students` finds the student from where a file lies; `notebook_content` reads the notebook itself; and
`collect` puts all of it together. Nothing is unpacked to disk, and nothing of a submission is run.
"""
