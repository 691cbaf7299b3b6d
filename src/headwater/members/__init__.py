"""Members: one person, however many ids; what they allowed; what we keep about them.

Owns       members, merges, identities, finders, phone_codes, consents
Readable   members, merges, identities, consents
Announces  MemberJoined, MembersMerged
Begins at  login.with_phone or login.with_open_id; ends at erasure.erase
"""
