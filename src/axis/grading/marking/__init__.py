"""From one submission to its marks.

`plan` says which cells run and where answers are asked for, `run` has a confined kernel do it
(`marking_kernel`), `answer_values` carries the answers out as plain data, `judge` compares them with the
author's checks in a kernel of its own (`nbval_session`), and `mark` turns the verdicts into marks.
"""
