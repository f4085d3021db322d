"""Commands about context loss: measure it, replay it, generate tasks for it, and check the measure itself."""
