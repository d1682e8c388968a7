"""Mark a class: collect what it handed in, run each notebook confined, judge its answers, write reports.

The way of one submission through modules and processes::

    the command's own process
        grade_command   what the instructor sees at the terminal
        intake.collect  files and zips -> Submission (student, exercise, bytes)
        class_marking   what has a result already (result_store) is not run again
        parallel        hands each submission to a worker
            |
    a worker, one process of joblib for each core
        marking.mark    one submission from here to its Result
        marking.plan    given cells and checks from the exercise, the rest from the student
        marking.run     sends the cells, and asks for answers where a check stood
            |  messages over sockets in files
        the student's kernel      a fork of the warmed process (kernels.fork_server), which enters a sandbox
            |                     (kernels.sandbox) before it runs a line of the submission
            |  plain JSON, no objects (marking.answer_values)
        marking.judge   binds the answers, runs the author's checks, hidden tests included
            |  a thread of pytest (marking.nbval_session)
        the judging kernel        another sandbox, in which no code of a student runs
            |
    the command's own process
        result_store    keeps the Result under a key of all that it depends on
        reports         marks, gradebooks, feedback, the class report

Who trusts whom: the student's kernel is trusted with nothing. It never sees hidden tests, files of this
machine or a network, and whatever it sends is either the plain data of an answer or no answer at all. The
judging kernel trusts the exercise, and takes answers as data. Workers trust neither kernel: each is watched
and killed when it uses more than `records.Policy` allows. Reports treat every text of a student's as hostile.

Imports run downwards: ``grade_command`` -> ``class_marking`` -> ``parallel`` -> ``marking``, and
``reports`` and ``intake`` on ``records`` alone.
"""
