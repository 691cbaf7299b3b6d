"""Customer contact: who knows whom, and everything the company may do with that."""
