"""Deals: prices with an end, and so many to a person.

Owns       flash_sales, flash_claims
Readable   flash_sales, flash_claims
Announces  (nothing)
Begins at  planning.plan, flash.buy; ends at reactions.free_claim
"""
