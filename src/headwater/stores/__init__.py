"""Stores: where the brand sells, who works there, and what they may see.

Owns       brands, regions, stores, visible, staff, grants, staff_sessions, machines
Readable   brands, regions, stores, visible, staff
Announces  (nothing)
Begins at  staff.log_in; ends at staff.log_out
"""
