"""Storage that we ship. What each promises is in `dunning.adapters.interfaces.storage` and its conformance kit."""
