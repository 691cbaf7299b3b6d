"""Windows for free messages: the rule, and the memory of what people opened."""
