"""Kernels that start from a warmed process, and that may run confined.

A fresh kernel spends most of its time on importing pandas and altair. Here one process has done
so, and each kernel is a fork of it. `provisioner` offers this to everything that starts kernels
through Jupyter: marking, nbval and the build of the book.
"""
