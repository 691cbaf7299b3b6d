"""Order shipping: what was handed over, when it counts as received, when its money is free."""
