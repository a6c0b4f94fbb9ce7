"""For your own tests: values to start from, fakes, and the conformance kits of every interface."""
