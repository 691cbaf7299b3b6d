"""What we caused, as headquarters sees it: the scoreboard, experiments, their ledger, honesty."""
