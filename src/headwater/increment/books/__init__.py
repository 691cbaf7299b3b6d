"""Books: whose customer each drawn member was, and what each guide's own tasks brought."""
