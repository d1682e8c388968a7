"""Mark one submission.

`plan` decides which cells run and where answers are asked for, and `run` sends them to a confined kernel
(`marking_kernel`). `answer_values` carries the answers out as plain data. `answer_checker` runs the author's
checks on them in another kernel (`nbval_session`), and `mark` turns the results into marks.
"""
