"""What an app may say to a person: when, and in which words."""
