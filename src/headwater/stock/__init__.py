"""Stock: how much is where, what is set aside, and every change of it.

Owns       levels, holds, movements
Readable   levels, holds, movements
Announces  (nothing)
Begins at  movements.move; ends at holds.sell or holds.release
"""
