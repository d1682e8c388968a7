"""From a folder or a zip to a list of submissions: which student each file is from, and which exercise it is.

`submitted_files` lists files, and `archives` opens zips in memory. `filenames` parses names as platforms write
them, `student_folders` finds the student from the place of a file, and `notebook_content` reads the notebook
itself. `collect` puts all of this together. Nothing is unpacked to disk, and no code of a submission runs.
"""
