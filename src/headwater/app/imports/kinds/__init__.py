"""Kinds of file: the columns each has, what must fit together, and whom the rows go to."""
