"""scango."""
