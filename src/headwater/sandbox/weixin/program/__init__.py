"""The mini program's API: logins, codes, links, subscriptions, shipping, checks."""
