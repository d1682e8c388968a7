"""Mark one submission.

`plan` decides which cells run and where answers are asked for, and `written_texts` finds free texts in the file.
`run` sends the cells to a confined kernel (`marking_kernel`), whose time `notebook_clock` measures. `answer_values`
carries the answers out as plain data. `answer_checker` runs the author's checks on them in another kernel
(`nbval_session`), and `mark` turns the results into marks.
"""
