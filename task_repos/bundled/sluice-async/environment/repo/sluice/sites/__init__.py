"""Scripts of our sites. They are copied to machines that we do not upgrade together with the gateway: frozen."""
