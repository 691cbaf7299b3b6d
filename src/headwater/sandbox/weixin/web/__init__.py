"""What a browser meets: the login address, articles, the check of JS calls."""
