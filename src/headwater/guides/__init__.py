"""Guides: people who sell, and what their work brought.

Owns       relations, shares, touches, policies, credits, commissions
Readable   relations, shares, touches, credits, commissions
Announces  (nothing)
Begins at  shares.create; ends at earnings.month
"""
