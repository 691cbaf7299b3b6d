"""Analyst: the product's estimators for anybody's data, from a file to a figure with its doubt.

members.read(Source.of(file), Question(...)) compares arms of members; panels and designs of stores
go through stores.read and waves.read; planning says what could be seen before anything starts.
"""
