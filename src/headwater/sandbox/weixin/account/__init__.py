"""The service account's API: followers, tags, menus, messages, articles."""
