"""The channel on which tests are heard: what is laid into the container, what comes out, and what is read from it."""
