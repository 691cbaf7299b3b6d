"""Statistics: what sums over members or stores say, and how far they can be trusted.

Pure functions: no database, no clock, no files. Sums come in, figures with their doubt go out.
"""
