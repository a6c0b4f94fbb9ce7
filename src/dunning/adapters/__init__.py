"""How the core meets the world. To write an adapter, read `dunning.adapters.interfaces`."""
