"""Stores: where the brand sells, who works there, and what they may see.

Owns       brands, regions, stores, staff, grants, staff_sessions
Readable   brands, regions, stores, staff
Announces  (nothing)
Begins at  staff.log_in; ends at staff.log_out
"""
