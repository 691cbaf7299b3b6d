"""Gate: the one way out; every message is a row here, sent or refused, with its reason.

Owns       budgets, quiet_hours, channels, pressure, messages
Readable   messages
Announces  (nothing)
Begins at  messages.plan; ends at delivery.send_due
"""
