"""Kernels that are forks of a process with all imports done, and that can be confined in a sandbox.

A fresh kernel spends most of its time on importing pandas and Altair. Here one process, the fork server, has
imported them, and each kernel is a fork of it. `provisioner` offers such kernels to everything that starts kernels
through Jupyter: marking, nbval and the build of the book.

`fork_client` orders a kernel from `fork_server`, or starts one without it. `kernel_process` turns the new process
into the kernel. It enters a `control_group` where it can and a `sandbox`, drops its privileges with `seccomp`, and
imposes `limits`; `usage` measures what all processes of a sandbox use together.
"""
