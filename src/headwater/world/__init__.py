"""World: simulated shoppers, guides and operators with known true effects.

Owns       (nothing)
Readable   (nothing)
Announces  (nothing)
Begins at  quarter.live; ends at a truth that the product never reads
"""
