"""The company itself: its members, their files, what its app tells them, how they log in."""
