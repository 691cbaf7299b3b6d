"""Pricing: what a thing costs, what changes that, and the priced cart.

Owns       prices, price_changes, offers, switches, coupons
Readable   prices, offers, switches, coupons
Announces  (nothing)
Begins at  quotes.price; ends at coupons.use
"""
