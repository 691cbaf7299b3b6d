"""Honesty: worlds whose truth is known, read by the product's own estimators and then scored.

Nothing here opens a door or a database: real households are drawn again and again, the product
draws who is left alone, an effect is put into the treated, and what the product says is held
against it.
"""
