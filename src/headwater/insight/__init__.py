"""Insight: what we learned; sums to look at, and open files that the brand owns.

Owns       exports, daily_sales, preferences
Readable   daily_sales, exports, preferences
Announces  (nothing)
Begins at  daily_sales.rebuild; ends at lake.export_day
"""
