"""Places: experiments on stores, where few units and long histories take the place of many members.

Pure functions on tables of stores by periods; nothing here reads a database or a clock.
"""
