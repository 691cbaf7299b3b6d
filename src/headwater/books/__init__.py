"""Books: every movement of money, in double entry.

Owns       transfers
Readable   transfers
Announces  (nothing)
Begins at  transfers.book; ends at transfers.balance
"""
