"""The guide's phone: WeCom with its customers, tasks, moments and our workbench inside."""
