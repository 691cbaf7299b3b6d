"""Reach: speaking to members, one message to a segment at a time.

Owns       segments, segment_members, campaigns, batches, choices
Readable   segments, campaigns
Announces  CampaignLaunched
Begins at  segments.draft; ends at campaigns.close_over
"""
