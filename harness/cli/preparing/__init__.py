"""What is found out or proved before the first container of a run starts."""
