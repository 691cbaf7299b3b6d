"""Program: the CEO's project, where it runs, and what increment it owes.

Owns       programs, scopes, targets
Readable   programs, scopes, targets
Announces  (nothing)
Begins at  programs.ask; ends at scoreboard.scoreboard or bridge.bridges
"""
