"""Mark a class: collect what it handed in, run each notebook confined, check its answers, write reports.

How one submission passes through modules and processes::

    the command's own process
        grade_command   what the instructor sees at the terminal
        intake.collect  files and zips -> Submission (student, exercise, bytes)
        class_marking   a submission that already has a result (result_store) is not marked again
        parallel        hands each submission to a worker
            |
    a worker: one process of joblib for each core
        marking.mark    takes one submission from here to its Result
        marking.plan    takes given cells and checks from the exercise, the rest from the student
        marking.run     sends the cells, and asks for answers where a check was
            |  messages over sockets in files
        the student's kernel      a fork of the fork server (kernels.fork_server), which enters a sandbox
            |                     (kernels.sandbox) before it runs any code of the submission
            |  plain JSON, no objects (marking.answer_values)
        marking.answer_checker    assigns the answers, runs the author's checks, hidden tests included
            |  a thread of pytest (marking.nbval_session)
        the checking kernel       in another sandbox; no student's code runs there
            |
    the command's own process
        result_store    keeps the Result under a key of all that it depends on
        run_log         writes what the workers and this process log
        reports         marks, gradebook, feedback, class report

Who trusts whom: nobody trusts the student's kernel. It never sees hidden tests, files of this machine or a
network, and whatever it sends is either the plain data of an answer or no answer. The checking kernel trusts the
exercise, and takes answers as data. Workers trust neither kernel: they watch both, and kill one that uses more
than `records.Policy` allows. Reports treat every text of a student as hostile.

When marking itself fails, the file is not to blame: the submission gets no points, its result is not kept, and
the next run marks it. A file that cannot be marked is refused, with a reason. What nobody has judged has no points,
not even zero, and whatever stands in the place of a free text waits for the instructor (`marking.written_texts`).

Imports run downwards: ``grade_command`` -> ``class_marking`` -> ``parallel`` -> ``marking``. ``reports`` and
``intake`` import ``records`` and nothing of these.
"""
