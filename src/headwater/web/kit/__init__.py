"""Kit: what every door is built from: shell, style, icons, pictures, wording, forms and sessions.

Owns       nothing in the database
Readable   nothing
Announces  nothing
Begins at  pages.render; ends at answers.install
"""
