"""App: wires the building: settings, pool, adapters, reactions and doors."""
